// The shop's own script. A button of a product page opens the widget with the shop's functions, so that the widget can
// put the product into the basket; buttons without `data-buy-url` need no script of the shop's at all.
document.addEventListener('click', function (event) {
  var button = event.target instanceof Element && event.target.closest('[data-selektable-widget][data-buy-url]');
  if (!button) return;
  event.preventDefault();
  var data = button.dataset;
  var buy = function (quantity) {
    return data.buyUrl + '&quantity=' + encodeURIComponent(quantity);
  };
  var chosen = buy(1);
  var api = (window.Selektable = window.Selektable || {});
  (api.q = api.q || []).push(['open', data.selektableWidget, {
    productId: data.productId,
    productTitle: data.productTitle,
    productImages: [data.productImages],
    productUrl: data.productUrl,
    onAddToCart: function (product, quantity) {
      chosen = buy(quantity);
      return { success: true, cartUrl: chosen };
    },
    onViewCart: function () { location.href = chosen; },
    onCheckout: function () { location.href = chosen; },
  }]);
}, true);
