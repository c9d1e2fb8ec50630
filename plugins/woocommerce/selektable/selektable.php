<?php
/**
 * Plugin Name:          Selektable
 * Description:          Shows your products in your shoppers' own photos, and tells Selektable which orders came from that.
 * Version:              1.0.0
 * Requires at least:    5.8
 * Requires PHP:         7.4
 * Requires Plugins:     woocommerce
 * WC requires at least: 7.0
 * Author:               Selektable
 * License:              Apache-2.0
 * License URI:          https://www.apache.org/licenses/LICENSE-2.0
 * Text Domain:          selektable
 *
 * Apache-2.0 is compatible with version 3 of the GPL, which WordPress ("version 2 or later") may be used under.
 *
 * @package Selektable
 */

defined( 'ABSPATH' ) || exit;

define( 'SELEKTABLE_VERSION', '1.0.0' );
define( 'SELEKTABLE_FILE', __FILE__ );

foreach ( array( 'settings', 'identity', 'front', 'button', 'orders', 'webhooks', 'health', 'admin' ) as $selektable_part ) {
	require_once __DIR__ . '/includes/class-selektable-' . $selektable_part . '.php';
}
unset( $selektable_part );

/**
 * Says that order tables and block checkout are supported: orders are touched by WooCommerce's own methods only.
 */
function selektable_declare_compatibility() {
	$utility = '\Automattic\WooCommerce\Utilities\FeaturesUtil';
	if ( class_exists( $utility ) ) {
		$utility::declare_compatibility( 'custom_order_tables', SELEKTABLE_FILE, true );
		$utility::declare_compatibility( 'cart_checkout_blocks', SELEKTABLE_FILE, true );
	}
}
add_action( 'before_woocommerce_init', 'selektable_declare_compatibility' );

Selektable_Front::hook();
Selektable_Button::hook();
// Not later: WooCommerce takes extensions of the block checkout only while plugins load.
Selektable_Orders::hook();
Selektable_Health::hook();
Selektable_Admin::hook();

register_activation_hook( __FILE__, array( 'Selektable_Health', 'install' ) );
register_deactivation_hook( __FILE__, array( 'Selektable_Health', 'pause' ) );
