//! What a finding means for the data, and what to do about it, in the names of the platform's own screens.

use super::{AddressFault, Cause, Platform};

/// What it means, and what to do.
pub(super) const fn of(cause: Cause, platform: Platform) -> (&'static str, &'static str) {
    (means(cause, platform), remedy(cause, platform))
}

const fn means(cause: Cause, platform: Platform) -> &'static str {
    use Platform::{Shopify, WooCommerce};
    match (cause, platform) {
        (Cause::Uninstalled, _) => {
            "The app was removed from the shop, and its webhooks with it. No order arrives any more; what arrived before is kept."
        }
        (Cause::OwnerLostAccess, _) => {
            "The user the webhook belongs to was deleted or may not read orders any more, so an error arrives in place of each order. Orders since then are missing here."
        }
        (Cause::DisabledAfterFailures, WooCommerce) => {
            "WooCommerce switches a webhook off at the 7th failure in a row, and deliveries stopped after as many refusals. It never sends them again: orders since then are missing here."
        }
        (Cause::DisabledAfterFailures, Shopify) => {
            "Shopify removes a webhook after 8 failures in a row, and deliveries stopped after as many refusals. Orders since then are missing here."
        }
        (Cause::NoSecret, _) => {
            "This store has no secret yet, so nothing that arrives can be trusted and every delivery is refused."
        }
        (Cause::WrongSecret, _) => {
            "Deliveries arrive, but none of this store's secrets gives their signature. They are refused, because anybody could have sent them."
        }
        (Cause::RewrittenBody, _) => {
            "The secret is right, but the bytes that arrive are not those that were signed: something on the way reads the JSON and writes it anew. Every delivery is refused."
        }
        (Cause::EmptySecret, _) => {
            "The webhook signs with an empty secret. Anybody can do that, so every delivery is refused."
        }
        (Cause::NoSignature, _) => {
            "Deliveries arrive without a signature that can be read. They are refused, because anybody could have sent them."
        }
        (Cause::OtherShop, _) => {
            "Deliveries signed with this store's secret speak of another shop that is connected here. They are refused, so that orders of one shop never count for another."
        }
        (Cause::Address(fault), _) => address_means(fault, platform),
        (Cause::Silence, _) => {
            "Nothing has arrived for longer than ever before. If the shop had orders meanwhile, they are missing here."
        }
        (Cause::OnlyCreated, _) => {
            "New orders arrive, but never what becomes of them: payments, refunds and cancellations are missing, so revenue is too high."
        }
        (Cause::OldPayload, _) => {
            "A webhook sends an old kind of body that does not say enough. Its orders are not taken in."
        }
        (Cause::NoVisitors, _) => {
            "Orders arrive, but none of them says which visitor placed it, so none can be attributed."
        }
        (Cause::FewVisitors, _) => {
            "Fewer than 1 of 4 orders say which visitor placed them. The others can't be attributed, so figures are too low. Shoppers who refused consent are among them, which is right."
        }
    }
}

const fn address_means(fault: AddressFault, platform: Platform) -> &'static str {
    match (fault, platform) {
        (AddressFault::Private, Platform::WooCommerce) => {
            "This server's address is of a private network or of one machine. WordPress does not deliver webhooks there; it says “A valid URL was not provided.”"
        }
        (AddressFault::Private, Platform::Shopify) => {
            "This server's address is of a private network or of one machine, so Shopify can't reach it."
        }
        (AddressFault::Port, _) => {
            "WordPress delivers webhooks to ports 80, 443 and 8080 only, and this server's address has another one. It says “A valid URL was not provided.”"
        }
        (AddressFault::NotHttps, _) => {
            "Shopify delivers webhooks over https with a valid certificate only, and this server's address is http."
        }
    }
}

const fn remedy(cause: Cause, platform: Platform) -> &'static str {
    match platform {
        Platform::Shopify => shopify_remedy(cause),
        Platform::WooCommerce => woocommerce_remedy(cause),
    }
}

const fn shopify_remedy(cause: Cause) -> &'static str {
    match cause {
        Cause::Uninstalled => {
            "Install the app again, or make the webhooks under Settings → Notifications → Webhooks, and add the key that signs them below."
        }
        Cause::OwnerLostAccess => {
            "Make the webhooks anew under Settings → Notifications → Webhooks with a user who may read orders. Then bring in what is missing on the page Reconciliation."
        }
        Cause::DisabledAfterFailures => {
            "Mend what the refused deliveries name, then make the webhooks anew under Settings → Notifications → Webhooks. Then bring in what is missing on the page Reconciliation."
        }
        Cause::NoSecret => {
            "Copy the key below the list at Settings → Notifications → Webhooks (“Your webhooks will be signed with …”) and paste it below. For an app's webhooks, paste the app's client secret."
        }
        Cause::WrongSecret => {
            "Webhooks made under Settings → Notifications → Webhooks are signed with the key below that list; webhooks of an app with the app's client secret. Paste the one that fits below; a store may have both."
        }
        Cause::RewrittenBody => {
            "Let the body pass as it is: look at proxies, firewalls and relays (such as automation tools) between Shopify and this server."
        }
        Cause::EmptySecret | Cause::NoSignature => {
            "Shopify always signs with a key, so this is another sender. Use the address below only under Settings → Notifications → Webhooks, without a relay that drops headers."
        }
        Cause::OtherShop => {
            "Look at the shop's own name below, and at the URL of the webhooks in the other shop (Settings → Notifications → Webhooks): it names the store."
        }
        Cause::Address(AddressFault::NotHttps) => {
            "Serve this address over https, with a certificate that browsers trust, and set it as the public URL of this server."
        }
        Cause::Address(_) => {
            "Give this server a name on the internet with https (a domain, a tunnel), set it as its public URL, and make the webhooks with that address."
        }
        Cause::Silence => {
            "Look whether the webhooks are still listed under Settings → Notifications → Webhooks: Shopify removes them after 8 failures in a row. Make them anew if not, then bring in what is missing on the page Reconciliation."
        }
        Cause::OnlyCreated => {
            "Under Settings → Notifications → Webhooks, add webhooks for Order update, Order cancellation, Order deletion and Refund create with the same address. Then bring in what is missing on the page Reconciliation."
        }
        Cause::OldPayload => {
            "Under Settings → Notifications → Webhooks, make the webhook anew with format JSON and the newest API version."
        }
        Cause::NoVisitors | Cause::FewVisitors => {
            "Look whether the script tag stands in layout/theme.liquid of the published theme (Online Store → Themes → Edit code), and add the custom pixel for checkouts that skip the cart."
        }
    }
}

const fn woocommerce_remedy(cause: Cause) -> &'static str {
    match cause {
        Cause::Uninstalled => "Install the plugin again, with the zip below.",
        Cause::OwnerLostAccess => {
            "Log in to WordPress as an administrator or shop manager, and save the plugin's page WooCommerce → Selektable again, or save each webhook again under WooCommerce → Settings → Advanced → Webhooks. Then bring in what is missing on the page Reconciliation."
        }
        Cause::DisabledAfterFailures => {
            "Mend what the refused deliveries name, then set each webhook's Status to Active under WooCommerce → Settings → Advanced → Webhooks. Then bring in what is missing on the page Reconciliation."
        }
        Cause::NoSecret => {
            "Make a secret below. The plugin's zip carries it; by hand, it goes into the Secret field of each webhook."
        }
        Cause::WrongSecret => {
            "Open each webhook under WooCommerce → Settings → Advanced → Webhooks and paste this store's secret into its Secret field. The consumer secret of the REST API (cs_…) is another thing and signs nothing."
        }
        Cause::RewrittenBody => {
            "Let the body pass as it is: look at proxies, security plugins and relays (such as automation tools) between the shop and this server."
        }
        Cause::EmptySecret => {
            "Open each webhook under WooCommerce → Settings → Advanced → Webhooks, paste this store's secret into its Secret field and press Save webhook."
        }
        Cause::NoSignature => {
            "Use the address below only in webhooks under WooCommerce → Settings → Advanced → Webhooks, and look for a plugin or proxy that drops the header X-WC-Webhook-Signature."
        }
        Cause::OtherShop => {
            "Look at the sites of this store under Settings here, and at the Delivery URL in the other shop (WooCommerce → Settings → Advanced → Webhooks): it names the store. Install each shop's own plugin."
        }
        Cause::Address(AddressFault::Port) => {
            "Serve this server at port 443 (https), 80 or 8080, set that as its public URL, and use the new address in the webhooks."
        }
        Cause::Address(_) => {
            "Give this server a name on the internet (a domain, a tunnel), set it as its public URL, and use that address in the webhooks."
        }
        Cause::Silence => {
            "Look under WooCommerce → Settings → Advanced → Webhooks whether each webhook's Status is Active: WooCommerce switches it to Disabled at the 7th failure in a row and sends nothing again. Then bring in what is missing on the page Reconciliation."
        }
        Cause::OnlyCreated => {
            "Under WooCommerce → Settings → Advanced → Webhooks, add webhooks with the Topics Order updated, Order deleted and Order restored, the same Delivery URL and Secret. The plugin makes all four by itself."
        }
        Cause::OldPayload => {
            "Open the webhook under WooCommerce → Settings → Advanced → Webhooks and set API version to WP REST API Integration v3."
        }
        Cause::NoVisitors | Cause::FewVisitors => {
            "Look whether the plugin is active (Plugins → Installed Plugins) and whether a caching or consent plugin keeps its script from loading. Webhooks made by hand carry no visitor: that takes the plugin."
        }
    }
}
