<?php
/** The visitor reaches the order, and only the first one. */

const META = array( '_selektable_visitor_id', '_selektable_carrier', '_selektable_session_id' );

function meta( $visitor, $carrier, $session ) {
	return array_combine( META, array( $visitor, $carrier, $session ) );
}

/** An order through the classic checkout. */
function classic( array $posted, $cookie = null, $order = null ) {
	$_POST   = wp_slash( $posted );
	$_COOKIE = null === $cookie ? array() : wp_slash( array( 'selektable_ids' => $cookie ) );
	$order   = $order ? $order : new WC_Order();
	do_action( 'woocommerce_checkout_create_order', $order, array( 'billing_email' => 'a@b.example' ) );
	return $order->meta;
}

/** An order through the block checkout of the site's version of WooCommerce. */
function blocks( $extensions, $cookie = null, $order = null ) {
	World::$now->endpoints = array();
	do_action( 'woocommerce_blocks_loaded' );
	$_COOKIE = null === $cookie ? array() : wp_slash( array( 'selektable_ids' => $cookie ) );
	$order   = $order ? $order : new WC_Order();
	do_action( 'woocommerce_store_api_checkout_update_order_from_request', $order, new WP_REST_Request( json_encode( array( 'extensions' => $extensions ), JSON_PARTIAL_OUTPUT_ON_ERROR ) ) );
	return $order->meta;
}

const COOKIE_IDS = '["v_cookie","s_cookie"]';

test( 'The classic form has both fields once, switched off until the script knows of consent', function () {
	$html = printed( function () {
		foreach ( Selektable_Orders::FORM_HOOKS as $name ) {
			do_action( $name );
		}
	} );
	same(
		'<input type="hidden" name="selektable_visitor_id" value="" data-selektable-visitor-id disabled>'
		. '<input type="hidden" name="selektable_session_id" value="" data-selektable-session-id disabled>',
		$html
	);
} );

test( 'A theme that leaves out the usual places still has the fields', function () {
	has( 'selektable_visitor_id', printed( function () {
		do_action( 'woocommerce_checkout_after_customer_details' );
	} ) );
} );

test( 'The classic checkout\'s fields are saved with the order', function () {
	same( meta( 'v_1', 'form_field', 's_1' ), classic( array( 'selektable_visitor_id' => 'v_1', 'selektable_session_id' => 's_1' ) ) );
	same( meta( 'it\'s "me" \\', 'form_field', 's_1' ), classic( array( 'selektable_visitor_id' => 'it\'s "me" \\', 'selektable_session_id' => 's_1' ) ) );
} );

test( 'Without fields the cookie is taken, also by the block checkout and by express buttons', function () {
	$expected = meta( 'v_cookie', 'cookie', 's_cookie' );
	same( $expected, classic( array(), COOKIE_IDS ) );
	same( $expected, classic( array( 'selektable_visitor_id' => '', 'selektable_session_id' => '' ), COOKIE_IDS ) );
	same( $expected, blocks( null, COOKIE_IDS ) );
	same( $expected, blocks( array( 'selektable' => array( 'visitor_id' => '', 'session_id' => '' ) ), COOKIE_IDS ) );
} );

test( 'Fields win over the cookie, and a pair is never mixed', function () {
	same( meta( 'v_1', 'form_field', 's_1' ), classic( array( 'selektable_visitor_id' => 'v_1', 'selektable_session_id' => 's_1' ), COOKIE_IDS ) );
	same( array( META[0] => 'v_1', META[1] => 'form_field' ), classic( array( 'selektable_visitor_id' => 'v_1' ), COOKIE_IDS ) );
	same( meta( 'v_2', 'store_api', 's_2' ), blocks( array( 'selektable' => array( 'visitor_id' => 'v_2', 'session_id' => 's_2' ) ), COOKIE_IDS ) );
} );

test( 'Who may not be remembered leaves nothing in the order', function () {
	same( array(), classic( array() ) );
	same( array(), blocks( array() ) );
	same( array(), blocks( array( 'selektable' => array( 'visitor_id' => '', 'session_id' => '' ) ) ) );
} );

test( 'Hostile fields leave nothing in the order and do not stop it', function () {
	foreach ( array( array( 'v_1' ), array( 'a' => array( 'b' => 'c' ) ), 'undefined', "a\nb", "\xff", str_repeat( 'x', 300 ), 5, null ) as $value ) {
		same( array(), classic( array( 'selektable_visitor_id' => $value, 'selektable_session_id' => $value ) ) );
		same( array(), blocks( array( 'selektable' => array( 'visitor_id' => $value, 'session_id' => $value ) ) ) );
		same( array( META[0] => 'v_1', META[1] => 'form_field' ), classic( array( 'selektable_visitor_id' => 'v_1', 'selektable_session_id' => $value ) ) );
	}
	foreach ( array( 'text', 7, array( 'selektable' => 'text' ), array( 'selektable' => array( 'v_1' ) ), array( 'selektable' => array() ) ) as $extensions ) {
		same( array(), blocks( $extensions ) );
	}
} );

test( 'What stands in an order is never replaced', function () {
	$order = new WC_Order();
	classic( array( 'selektable_visitor_id' => 'v_first', 'selektable_session_id' => 's_first' ), null, $order );
	classic( array( 'selektable_visitor_id' => 'v_later', 'selektable_session_id' => 's_later' ), COOKIE_IDS, $order );
	same( meta( 'v_first', 'form_field', 's_first' ), blocks( array( 'selektable' => array( 'visitor_id' => 'v_third', 'session_id' => 's_third' ) ), COOKIE_IDS, $order ) );
} );

test( 'A draft order without a visitor takes the first that comes', function () {
	$draft = new WC_Order();
	blocks( array(), null, $draft );
	same( meta( 'v_2', 'store_api', 's_2' ), blocks( array( 'selektable' => array( 'visitor_id' => 'v_2', 'session_id' => 's_2' ) ), null, $draft ) );
} );

test( 'The block checkout\'s extension is registered as soon as WooCommerce takes it', function () {
	same( true, isset( World::$now->hooks['woocommerce_blocks_loaded'] ) );
	do_action( 'woocommerce_blocks_loaded' );
	same( 1, count( World::$now->endpoints ) );
	$endpoint = World::$now->endpoints[0];
	same( array( 'checkout', 'selektable', ARRAY_A ), array( $endpoint['endpoint'], $endpoint['namespace'], $endpoint['schema_type'] ) );
	$schema = call_user_func( $endpoint['schema_callback'] );
	same( array( 'visitor_id', 'session_id' ), array_keys( $schema ) );
	foreach ( $schema as $field ) {
		// Not shown to anybody who reads the checkout.
		same( array(), $field['context'] );
		foreach ( array( 'v_1' => 'v_1', 'null' => '' ) as $given => $kept ) {
			same( true, call_user_func( $field['arg_options']['validate_callback'], $given ) );
			same( $kept, call_user_func( $field['arg_options']['sanitize_callback'], $given ) );
		}
		same( true, call_user_func( $field['arg_options']['validate_callback'], array( 'x' ) ) );
		same( '', call_user_func( $field['arg_options']['sanitize_callback'], array( 'x' ) ) );
	}
} );

test( 'Before WooCommerce 8.5 nothing is registered, because orders without it would be refused; ids are found all the same', function () {
	foreach ( array( '7.0.1' => 0, '8.4.0' => 0, '8.5.0' => 1, '10.0.2' => 1 ) as $version => $registered ) {
		fresh();
		World::$now->version = (string) $version;
		same( meta( 'v_2', 'store_api', 's_2' ), blocks( array( 'selektable' => array( 'visitor_id' => 'v_2', 'session_id' => 's_2' ) ) ), $version );
		same( $registered, count( World::$now->endpoints ), $version );
	}
} );

test( 'A request without a readable body still has the cookie', function () {
	foreach ( array( '', 'null', '[]', '{"extensions":7}', '{"extensions":{"other":{}}}', '{', str_repeat( '[', 40 ) ) as $body ) {
		$_COOKIE = wp_slash( array( 'selektable_ids' => COOKIE_IDS ) );
		$order   = new WC_Order();
		do_action( 'woocommerce_store_api_checkout_update_order_from_request', $order, new WP_REST_Request( $body ) );
		same( meta( 'v_cookie', 'cookie', 's_cookie' ), $order->meta, $body );
	}
} );

test( 'Ids are not copied to subscriptions and renewals', function () {
	do_action( 'plugins_loaded' );
	$copied = meta( 'v_1', 'cookie', 's_1' ) + array( '_order_total' => '5.00' );
	foreach ( array( 'subscription', 'renewal_order', 'resubscribe_order' ) as $copy ) {
		same( array( '_order_total' => '5.00' ), apply_filters( "wc_subscriptions_{$copy}_data", $copied, new WC_Order(), new WC_Order() ) );
		// A filter that is deprecated makes WooCommerce Subscriptions complain, so it must not be used where the new one is.
		same( false, isset( World::$now->hooks[ "wcs_{$copy}_meta" ] ) );
	}
	same( 'text', Selektable_Orders::without_ids( 'text' ) );
} );

test( 'Nor by WooCommerce Subscriptions before 4.7', function () {
	// The class can't be taken back, so this happens in a program of its own.
	$code = 'class WC_Subscriptions {} require ' . var_export( __DIR__ . '/stubs/world.php', true ) . '; World::$now = new World(); require ' . var_export( __DIR__ . '/stubs/wordpress.php', true )
		. '; require ' . var_export( __DIR__ . '/../selektable/selektable.php', true ) . '; do_action( "plugins_loaded" );'
		. 'echo json_encode( apply_filters( "wcs_renewal_order_meta", array( array( "meta_key" => "_selektable_visitor_id", "meta_value" => "v" ), array( "meta_key" => "_a", "meta_value" => "b" ), array() ), 1, 2 ) );'
		. 'echo json_encode( isset( World::$now->hooks["wc_subscriptions_renewal_order_data"] ) );';
	same( '[{"meta_key":"_a","meta_value":"b"},[]]false', (string) shell_exec( escapeshellarg( PHP_BINARY ) . ' -r ' . escapeshellarg( $code ) . ' 2>&1' ) );
} );

test( 'Without WooCommerce the plugin loads and does nothing', function () {
	$code = 'error_reporting( E_ALL ); require ' . var_export( __DIR__ . '/stubs/world.php', true ) . '; World::$now = new World(); require ' . var_export( __DIR__ . '/stubs/wordpress.php', true )
		. '; require ' . var_export( __DIR__ . '/../selektable/selektable.php', true ) . '; update_option( "selektable_settings", ' . var_export( CONNECTION, true ) . ' );'
		. 'foreach ( array( "before_woocommerce_init", "plugins_loaded", "woocommerce_blocks_loaded", "init", "wp", "admin_init", "activate_selektable/selektable.php", "selektable_daily" ) as $name ) { do_action( $name ); }'
		. 'do_action( "deleted_user", 1 ); $shortcode = World::$now->shortcodes["selektable_button"]; echo $shortcode( "" ), json_encode( array_column( get_option( "selektable_health" )["problems"], "code" ) );';
	same( '["no_woocommerce"]', (string) shell_exec( escapeshellarg( PHP_BINARY ) . ' -r ' . escapeshellarg( $code ) . ' 2>&1' ) );
} );
