<?php
/**
 * Runs the plugin's tests with nothing but PHP: `php run.php`. Ends with 1 if anything fails, PHP's own notices included.
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
$GLOBALS['tests']  = array();

/** The connection most tests have. */
const CONNECTION = array(
	'host'           => 'https://selektable.example',
	'store_id'       => 'store_1',
	'widget_id'      => 'widget_1',
	'webhook_secret' => 'abcdefgh12345678',
);
const DELIVERY_URL = 'https://selektable.example/api/webhooks/woocommerce/store_1/orders';
const MAY_OWN      = array( 'manage_woocommerce', 'read_private_shop_orders' );

/** Registers a test; its name is a sentence. */
function test( $name, callable $body ) {
	$GLOBALS['tests'][ $name ] = $body;
}

/** Fails unless both are the same. */
function same( $expected, $actual, $what = '' ) {
	if ( $expected !== $actual ) {
		throw new Exception( trim( "$what\n  expected " . var_export( $expected, true ) . "\n  got      " . var_export( $actual, true ) ) );
	}
}

/** Fails unless the text has the part. */
function has( $part, $text ) {
	if ( false === strpos( $text, $part ) ) {
		throw new Exception( "  expected to find $part\n  in $text" );
	}
}

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

/** Does what ends the request (a redirect, wp_die). */
function ends( callable $body ) {
	try {
		$body();
	} catch ( RequestEnded $end ) {
		return;
	}
	throw new Exception( 'The request went on' );
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

foreach ( glob( __DIR__ . '/*.test.php' ) as $file ) {
	require $file;
}

$failed = 0;
foreach ( $GLOBALS['tests'] as $name => $body ) {
	try {
		fresh();
		$body();
	} catch ( Throwable $problem ) {
		$failed++;
		printf( "FAILED %s\n%s\n  %s:%d\n", $name, $problem->getMessage(), basename( $problem->getFile() ), $problem->getLine() );
	}
}
printf( "plugin: %d tests, %d failed (PHP %s)\n", count( $GLOBALS['tests'] ), $failed, PHP_VERSION );
exit( $failed || count( $GLOBALS['tests'] ) < 60 ? 1 : 0 );
