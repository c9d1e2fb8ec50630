<?php
/**
 * The plugin's own HTML for the browser tests, and what becomes of what the browser then sends. Reads JSON from standard
 * input (`settings`, `post`, `cookie`), writes JSON (`tag`, `footer`, `fields`, `button`, `meta`).
 *
 * @package Selektable
 */

require __DIR__ . '/bootstrap.php';

$asked = json_decode( stream_get_contents( STDIN ), true );
fresh( $asked['settings'] );
World::$now->images = array( 1 => '/chair.png', 2 => '/chair.png?red' );

$variations = array();
foreach ( array( 71 => 'blue', 72 => 'red' ) as $id => $colour ) {
	$variations[] = new WC_Product( array( 'id' => $id, 'parent' => 7, 'name' => "Chair, $colour", 'image' => 72 === $id ? 2 : 0, 'attributes' => array( 'attribute_pa_colour' => $colour ) ) );
}
$GLOBALS['product'] = new WC_Product( array( 'id' => 7, 'name' => 'Chair "Nora"', 'type' => 'variable', 'image' => 1, 'variations' => $variations, 'attributes' => array( 'pa_colour' => array( 'blue', 'red' ) ) ) );

$_POST   = wp_slash( isset( $asked['post'] ) ? $asked['post'] : array() );
$_COOKIE = wp_slash( isset( $asked['cookie'] ) ? array( 'selektable_ids' => rawurldecode( $asked['cookie'] ) ) : array() );
$order   = new WC_Order();
do_action( 'woocommerce_checkout_create_order', $order );

do_action( 'wp_enqueue_scripts' );
echo json_encode(
	array(
		'tag'    => apply_filters( 'script_loader_tag', sprintf( '<script src="%s"></script>', World::$now->scripts['selektable-embed'][0] ), 'selektable-embed', '' ),
		'footer' => printed( function () {
			do_action( 'wp_footer' );
		} ),
		'fields' => printed( function () {
			do_action( 'woocommerce_checkout_billing' );
		} ),
		'button' => printed( function () {
			do_action( 'wp' );
			do_action( 'woocommerce_single_product_summary' );
		} ),
		'meta'   => (object) $order->meta,
	)
);
