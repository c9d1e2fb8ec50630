<?php
/**
 * The plugin, loaded into stubs of WordPress and WooCommerce. Any notice of PHP's is an error.
 *
 * @package Selektable
 */

error_reporting( E_ALL );
set_error_handler(
	function ( $level, $message, $file, $line ) {
		throw new ErrorException( $message, 0, $level, $file, $line );
	}
);

require __DIR__ . '/stubs/world.php';
World::$now = new World();
require __DIR__ . '/stubs/wordpress.php';
require __DIR__ . '/stubs/woocommerce.php';
require __DIR__ . '/../selektable/selektable.php';

/** Hooks as they are once the plugin is loaded. */
$GLOBALS['loaded'] = World::$now;

/** The connection most tests have. */
const CONNECTION = array(
	'host'           => 'https://selektable.example',
	'store_id'       => 'store_1',
	'widget_id'      => 'widget_1',
	'webhook_secret' => 'abcdefgh12345678',
);
const DELIVERY_URL = 'https://selektable.example/api/webhooks/woocommerce/store_1/orders';
const MAY_OWN      = array( 'manage_woocommerce', 'read_private_shop_orders' );

/** What a callback prints. */
function printed( callable $body ) {
	ob_start();
	try {
		$body();
	} finally {
		$text = ob_get_clean();
	}
	return $text;
}

/** A new site with the plugin loaded, user 1 logged in, who may do everything. */
function fresh( array $settings = array() ) {
	World::$now             = new World();
	World::$now->hooks      = $GLOBALS['loaded']->hooks;
	World::$now->shortcodes = $GLOBALS['loaded']->shortcodes;
	World::$now->users      = array( 1 => MAY_OWN );
	World::$now->user       = 1;
	update_option( 'selektable_settings', $settings + CONNECTION );
	$_POST   = array();
	$_GET    = array();
	$_COOKIE = array();
	unset( $GLOBALS['product'] );
	foreach ( array( array( 'Selektable_Button', 'placed', array() ), array( 'Selektable_Orders', 'has_fields', false ) ) as list( $class, $name, $value ) ) {
		$property = new ReflectionProperty( $class, $name );
		$property->setAccessible( true );
		$property->setValue( null, $value );
	}
}
