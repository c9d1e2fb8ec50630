//! Code for the shop developer, with the store's own ids filled in: it works when pasted.

use selektable_domain::id::{OrganizationId, StoreId, WidgetId};
use selektable_domain::money::Currency;

/// What stands where the key goes while it is not known.
pub(crate) const KEY_PLACEHOLDER: &str = "sel_your_api_key";

/// What a snippet is filled with.
#[derive(Clone, Debug)]
pub(crate) struct Connection {
    /// This server, without a trailing slash.
    pub host: String,
    /// The organization.
    pub organization: OrganizationId,
    /// The store.
    pub store: StoreId,
    /// The widget to open.
    pub widget: WidgetId,
    /// Currency of the examples.
    pub currency: Currency,
    /// The key, or [`KEY_PLACEHOLDER`].
    pub key: String,
}

/// What a conversion is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Goal {
    /// An order with lines.
    Order,
    /// A form, an appointment: no money, no lines.
    Lead,
}

/// One piece of code in one language.
#[derive(Clone, Debug)]
pub(crate) struct Snippet {
    /// The language or tool.
    pub name: &'static str,
    /// The code.
    pub code: String,
}

impl Connection {
    /// The tag that every page carries.
    #[must_use]
    pub(crate) fn script_tag(&self) -> String {
        format!(
            r#"<script src="{}/widgets/embed.js" data-store-id="{}" async></script>"#,
            self.host, self.store
        )
    }

    /// A button on a product page.
    #[must_use]
    pub(crate) fn button(&self) -> String {
        format!(
            r#"<button type="button"
  data-selektable-widget="{}"
  data-product-id="123"
  data-product-title="Oak chair"
  data-product-images="https://shop.example/oak-chair.jpg">
  View in your room
</button>"#,
            self.widget
        )
    }

    /// The same, opened from a script.
    #[must_use]
    pub(crate) fn open_call(&self) -> String {
        format!(
            "Selektable.open('{}', {{\n  productId: '123',\n  productTitle: 'Oak chair',\n  productImage: 'https://shop.example/oak-chair.jpg'\n}});",
            self.widget
        )
    }

    /// A form that carries the ids to the shop's server.
    #[must_use]
    pub(crate) fn form(goal: Goal) -> String {
        let (action, fields, submit) = match goal {
            Goal::Order => ("/checkout/complete", "  <!-- your checkout fields -->", "Place order"),
            Goal::Lead => (
                "/appointment/book",
                "  <input type=\"text\" name=\"name\" placeholder=\"Name\">\n  <input type=\"email\" name=\"email\" placeholder=\"Email\">",
                "Book appointment",
            ),
        };
        format!(
            "<form action=\"{action}\" method=\"POST\">\n{fields}\n\n  <!-- filled in by the script -->\n  <input type=\"hidden\" name=\"visitorId\">\n  <input type=\"hidden\" name=\"sessionId\">\n\n  <button type=\"submit\">{submit}</button>\n</form>"
        )
    }

    /// The header a shop with a content security policy has to allow.
    #[must_use]
    pub(crate) fn policy(&self) -> String {
        let host = &self.host;
        format!("script-src {host}; connect-src 'self' {host}; frame-src {host}")
    }

    /// Server code in every language.
    #[must_use]
    pub(crate) fn server(&self, goal: Goal) -> Vec<Snippet> {
        vec![
            Snippet { name: "Node.js", code: self.node(goal) },
            Snippet { name: "curl", code: self.curl(goal) },
            Snippet { name: "PHP", code: self.php(goal) },
            Snippet { name: "Python", code: self.python(goal) },
        ]
    }

    fn node(&self, goal: Goal) -> String {
        let Self { host, organization, store, key, currency, .. } = self;
        let (route, body, order_id, total, currency, items) = match goal {
            Goal::Order => (
                "/checkout/complete",
                "const { visitorId, sessionId, order } = req.body;",
                "String(order.id)",
                "order.totalCents",
                "order.currency".to_owned(),
                "order.items.map(item => ({\n        productId: String(item.productId),\n        quantity: item.quantity,\n        priceCents: item.priceCents,\n        totalCents: item.priceCents * item.quantity\n      }))",
            ),
            Goal::Lead => (
                "/appointment/book",
                "const { visitorId, sessionId, name, email } = req.body;\n  const appointment = await saveAppointment({ name, email });",
                "'appt-' + appointment.id",
                "0",
                format!("'{currency}'"),
                "[]",
            ),
        };
        format!(
            "app.post('{route}', async (req, res) => {{
  {body}

  await fetch('{host}/api/webhooks/orders', {{
    method: 'POST',
    headers: {{
      'Content-Type': 'application/json',
      'Authorization': 'Bearer {key}'
    }},
    body: JSON.stringify({{
      orderId: {order_id},
      storeId: '{store}',
      organizationId: '{organization}',
      visitorId: visitorId,
      sessionId: sessionId,
      totalCents: {total},
      currency: {currency},
      platform: 'custom',
      status: 'completed',
      orderCreatedAt: new Date().toISOString(),
      items: {items}
    }})
  }});

  res.redirect('/thank-you');
}});"
        )
    }

    fn curl(&self, goal: Goal) -> String {
        let Self { host, organization, store, key, currency, .. } = self;
        let (order, total, items) = match goal {
            Goal::Order => (
                "1042",
                "24900",
                r#"[{"productId": "123", "quantity": 1, "priceCents": 24900, "totalCents": 24900}]"#,
            ),
            Goal::Lead => ("appt-1042", "0", "[]"),
        };
        format!(
            r#"curl {host}/api/webhooks/orders \
  -H 'Authorization: Bearer {key}' \
  -H 'Content-Type: application/json' \
  -d '{{
    "orderId": "{order}",
    "storeId": "{store}",
    "organizationId": "{organization}",
    "visitorId": "VISITOR_ID",
    "sessionId": "SESSION_ID",
    "totalCents": {total},
    "currency": "{currency}",
    "platform": "custom",
    "status": "completed",
    "orderCreatedAt": "'"$(date -u +%Y-%m-%dT%H:%M:%SZ)"'",
    "items": {items}
  }}'"#
        )
    }

    fn php(&self, goal: Goal) -> String {
        let Self { host, organization, store, key, currency, .. } = self;
        let (order_id, total, currency, items) = match goal {
            Goal::Order => (
                "(string) $order['id']",
                "$order['totalCents']",
                "$order['currency']".to_owned(),
                "array_map(fn ($item) => [\n        'productId' => (string) $item['productId'],\n        'quantity' => $item['quantity'],\n        'priceCents' => $item['priceCents'],\n        'totalCents' => $item['priceCents'] * $item['quantity'],\n    ], $order['items'])",
            ),
            Goal::Lead => ("'appt-' . $appointment['id']", "0", format!("'{currency}'"), "[]"),
        };
        format!(
            "$payload = [
    'orderId' => {order_id},
    'storeId' => '{store}',
    'organizationId' => '{organization}',
    'visitorId' => $_POST['visitorId'],
    'sessionId' => $_POST['sessionId'],
    'totalCents' => {total},
    'currency' => {currency},
    'platform' => 'custom',
    'status' => 'completed',
    'orderCreatedAt' => gmdate('Y-m-d\\TH:i:s\\Z'),
    'items' => {items},
];
$request = curl_init('{host}/api/webhooks/orders');
curl_setopt_array($request, [
    CURLOPT_POST => true,
    CURLOPT_RETURNTRANSFER => true,
    CURLOPT_HTTPHEADER => ['Content-Type: application/json', 'Authorization: Bearer {key}'],
    CURLOPT_POSTFIELDS => json_encode($payload),
]);
$answer = json_decode(curl_exec($request), true);"
        )
    }

    fn python(&self, goal: Goal) -> String {
        let Self { host, organization, store, key, currency, .. } = self;
        let (order_id, total, currency, items) = match goal {
            Goal::Order => (
                "str(order[\"id\"])",
                "order[\"totalCents\"]",
                "order[\"currency\"]".to_owned(),
                "[\n        {\n            \"productId\": str(item[\"productId\"]),\n            \"quantity\": item[\"quantity\"],\n            \"priceCents\": item[\"priceCents\"],\n            \"totalCents\": item[\"priceCents\"] * item[\"quantity\"],\n        }\n        for item in order[\"items\"]\n    ]",
            ),
            Goal::Lead => ("f\"appt-{appointment['id']}\"", "0", format!("\"{currency}\""), "[]"),
        };
        format!(
            "import json
from datetime import datetime, timezone
from urllib.request import Request, urlopen

payload = {{
    \"orderId\": {order_id},
    \"storeId\": \"{store}\",
    \"organizationId\": \"{organization}\",
    \"visitorId\": form[\"visitorId\"],
    \"sessionId\": form[\"sessionId\"],
    \"totalCents\": {total},
    \"currency\": {currency},
    \"platform\": \"custom\",
    \"status\": \"completed\",
    \"orderCreatedAt\": datetime.now(timezone.utc).isoformat(),
    \"items\": {items},
}}
request = Request(
    \"{host}/api/webhooks/orders\",
    data=json.dumps(payload).encode(),
    headers={{\"Content-Type\": \"application/json\", \"Authorization\": \"Bearer {key}\"}},
)
answer = json.load(urlopen(request, timeout=10))"
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn connection() -> Connection {
        Connection {
            host: "https://selektable.example".into(),
            organization: crate::ambient::new_id(),
            store: crate::ambient::new_id(),
            widget: crate::ambient::new_id(),
            currency: Currency::parse("EUR").unwrap(),
            key: KEY_PLACEHOLDER.into(),
        }
    }

    #[test]
    fn every_server_snippet_holds_the_ids_the_key_and_every_required_field() {
        let connection = connection();
        for snippet in [Goal::Order, Goal::Lead].into_iter().flat_map(|goal| connection.server(goal)) {
            for part in [
                connection.store.to_string().as_str(),
                connection.organization.to_string().as_str(),
                "https://selektable.example/api/webhooks/orders",
                KEY_PLACEHOLDER,
                "orderId",
                "storeId",
                "organizationId",
                "visitorId",
                "sessionId",
                "totalCents",
                "currency",
                "platform",
                "status",
                "orderCreatedAt",
                "items",
            ] {
                assert!(snippet.code.contains(part), "{part} in {}", snippet.name);
            }
        }
    }

    #[test]
    fn the_curl_snippets_body_is_json() {
        for goal in [Goal::Order, Goal::Lead] {
            let code = connection().curl(goal);
            let body = code.split_once("-d '").unwrap().1.trim_end_matches('\'');
            let body = body.replace("'\"$(date -u +%Y-%m-%dT%H:%M:%SZ)\"'", "2026-11-23T10:15:00Z");
            serde_json::from_str::<serde_json::Value>(&body).unwrap();
        }
    }
}
