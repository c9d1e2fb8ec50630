// A shop in one file, without dependencies: `node server.mjs`. The checkout handler is the documentation's sample, with
// the host and the key from the environment, and so are the ids.
import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';

const HOST = process.env.SELEKTABLE_HOST ?? 'http://127.0.0.1:8080';
const { SELEKTABLE_API_KEY, SELEKTABLE_STORE_ID, SELEKTABLE_ORGANIZATION_ID, SELEKTABLE_WIDGET_ID } = process.env;
const PRODUCT = { id: 'chair-1', title: 'A chair', priceCents: 12900 };

const page = (body) => `<!doctype html><html lang="en"><meta charset="utf-8"><title>Node shop</title>
<script src="${HOST}/widgets/embed.js" data-store-id="${SELEKTABLE_STORE_ID}"></script>${body}`;

const productPage = page(`
<h1>${PRODUCT.title}</h1>
<img src="/chair.png" alt="" height="240">
<p><button data-selektable-widget="${SELEKTABLE_WIDGET_ID}" data-product-id="${PRODUCT.id}" data-product-title="${PRODUCT.title}" data-product-images="/chair.png">View in your room</button></p>
<form action="/checkout/complete" method="POST">
  <input type="hidden" name="visitorId" id="sel-visitor-id" />
  <input type="hidden" name="sessionId" id="sel-session-id" />
  <button type="submit">Buy</button>
</form>
<script>
  var identity = Selektable.getIdentity();
  document.getElementById('sel-visitor-id').value = identity.visitorId;
  document.getElementById('sel-session-id').value = identity.sessionId;
</script>`);

// Just enough of a web framework for the sample below to stand as it is.
const routes = new Map();
const app = { post: (path, handler) => routes.set(path, handler) };

app.post('/checkout/complete', async (req, res) => {
  const { visitorId, sessionId, order } = req.body;

  const response = await fetch(`${HOST}/api/webhooks/orders`, {
    method: 'POST',
    headers: {
      'Content-Type': 'application/json',
      'Authorization': `Bearer ${SELEKTABLE_API_KEY}`
    },
    body: JSON.stringify({
      orderId: order.id,
      storeId: SELEKTABLE_STORE_ID,
      organizationId: SELEKTABLE_ORGANIZATION_ID,
      visitorId: visitorId,
      sessionId: sessionId,
      totalCents: order.totalCents,
      currency: order.currency,
      platform: 'custom',
      status: 'completed',
      orderCreatedAt: new Date().toISOString(),
      items: order.items.map(item => ({
        productId: item.productId,
        quantity: item.quantity,
        priceCents: item.priceCents,
        totalCents: item.priceCents * item.quantity
      }))
    })
  });
  // Not in the sample: say what was answered, because a refused order is otherwise never heard of.
  console.log(response.status, await response.text());

  res.redirect('/thank-you');
});

let orders = 0;
const readOrder = () => ({
  id: `node-${Date.now()}-${++orders}`,
  totalCents: PRODUCT.priceCents,
  currency: 'EUR',
  items: [{ productId: PRODUCT.id, quantity: 1, priceCents: PRODUCT.priceCents }]
});

const chair = readFileSync(new URL('chair.png', import.meta.url));

const server = createServer(async (request, response) => {
  const send = (status, type, text) => response.writeHead(status, { 'Content-Type': type }).end(text);
  if (request.url === '/') return send(200, 'text/html', productPage);
  if (request.url === '/chair.png') return send(200, 'image/png', chair);
  if (request.url === '/thank-you') return send(200, 'text/html', page('<h1>Thank you</h1>'));
  const handler = request.method === 'POST' && routes.get(request.url);
  if (!handler) return send(404, 'text/plain', 'not found');
  let form = '';
  for await (const piece of request) form += piece;
  const body = { ...Object.fromEntries(new URLSearchParams(form)), order: readOrder() };
  const redirect = (path) => response.writeHead(303, { Location: path }).end();
  try {
    await handler({ body }, { redirect });
  } catch (error) {
    console.error(error);
    redirect('/thank-you'); // The order stands, whatever became of the webhook.
  }
});

server.listen(Number(process.env.PORT ?? 3000), '127.0.0.1', () => {
  console.log(`listening on http://127.0.0.1:${server.address().port}`);
});
