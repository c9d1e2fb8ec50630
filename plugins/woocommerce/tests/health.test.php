<?php
/** What keeps orders from arriving is found, mended or said. */

function codes( array $problems ) {
	return array_values( array_unique( array_column( $problems, 'code' ) ) );
}

function known_codes() {
	return codes( Selektable_Health::known() );
}

/** The text of the notice on other admin pages. */
function notice() {
	return printed( function () {
		do_action( 'admin_notices' );
	} );
}

test( 'Activating makes the webhooks, asks the server once and schedules one daily look', function () {
	do_action( 'activate_selektable/selektable.php' );
	do_action( 'activate_selektable/selektable.php' );
	same( all_good(), webhooks() );
	same( array( 1, 1 ), World::$now->pings );
	same( array( array( 'selektable_daily', array(), 'daily' ) ), World::$now->cron );
	same( array(), known_codes() );
} );

test( 'An admin page makes up for an activation that could not do it', function () {
	do_action( 'admin_init' );
	same( all_good(), webhooks() );
	World::$now->webhooks[1]['status'] = 'paused';
	do_action( 'admin_init' );
	same( 'paused', webhooks()[1]['status'] );
	World::$now->options['selektable_version'] = '0.9';
	do_action( 'admin_init' );
	same( 'active', webhooks()[1]['status'] );
	World::$now->cron = array();
	do_action( 'admin_init' );
	same( 1, count( World::$now->cron ) );
} );

test( 'Deactivating stops the daily look', function () {
	do_action( 'activate_selektable/selektable.php' );
	do_action( 'deactivate_selektable/selektable.php' );
	same( array(), World::$now->cron );
	same( 4, count( webhooks() ) );
} );

test( 'The daily look mends a disabled webhook, and says that orders were lost until somebody has seen it', function () {
	do_action( 'activate_selektable/selektable.php' );
	World::$now->webhooks[2]['status'] = 'disabled';
	do_action( 'selektable_daily' );
	same( all_good(), webhooks() );
	same( array( 'disabled' ), known_codes() );
	has( 'WooCommerce switched the webhook order.updated off', notice() );
	do_action( 'selektable_daily', 'soon' );
	same( array( 'disabled' ), known_codes() );
	same( 1, count( Selektable_Health::known() ) );
	Selektable_Health::mend_everything();
	same( '', notice() );
} );

test( 'The date in the notice is that of the first time', function () {
	do_action( 'activate_selektable/selektable.php' );
	World::$now->options['selektable_health'] = array( 'checked' => 0, 'problems' => array( array( 'code' => 'disabled', 'topic' => 'order.updated', 'detail' => '', 'since' => 86400 ) ) );
	World::$now->webhooks[2]['status']        = 'disabled';
	do_action( 'selektable_daily' );
	has( 'noticed 1970-01-02 00:00', notice() );
} );

test( 'A webhook that is switched off is told of at once, somebody else\'s is not', function () {
	do_action( 'activate_selektable/selektable.php' );
	do_action( 'woocommerce_webhook_disabled_due_delivery_failures', 77 );
	same( array(), known_codes() );
	do_action( 'woocommerce_webhook_disabled_due_delivery_failures', 3 );
	same( array( 'disabled' ), known_codes() );
	has( 'order.deleted', notice() );
} );

test( 'An owner who is gone is replaced soon, and that is said', function () {
	World::$now->users[5] = MAY_OWN;
	do_action( 'activate_selektable/selektable.php' );
	do_action( 'deleted_user', 5 );
	same( 1, count( World::$now->cron ) );
	unset( World::$now->users[1] );
	World::$now->user = 0;
	do_action( 'deleted_user', 1 );
	do_action( 'set_user_role', 1 );
	same( array( array( 'selektable_daily', array(), 'daily' ), array( 'selektable_daily', array( 'soon' ), 'once' ) ), World::$now->cron );
	do_action( 'selektable_daily', 'soon' );
	same( array_fill( 0, 4, 5 ), array_column( webhooks(), 'user_id' ) );
	same( array( 'owner' ), known_codes() );
	World::$now->user = 5;
	has( 'The user who owned the webhook order.created is gone', notice() );
} );

test( 'A paused webhook is told of and left paused by the daily look', function () {
	do_action( 'activate_selektable/selektable.php' );
	World::$now->webhooks[1]['status'] = 'paused';
	do_action( 'selektable_daily' );
	same( array( 'paused', array( 'paused' ) ), array( webhooks()[1]['status'], known_codes() ) );
	has( 'The webhook order.created: paused by hand.', notice() );
} );

test( 'An address that WordPress refuses to call is named with its reason', function () {
	$hosts = array(
		'http://192.168.1.5'              => array( 'refused_address', 'mixed_content' ),
		'https://localhost'               => array( 'refused_address' ),
		'https://no-such-name.invalid'    => array( 'refused_address' ),
		'https://selektable.example:3000' => array( 'refused_port' ),
		'https://selektable.example:8080' => array(),
		'http://selektable.example'       => array( 'mixed_content' ),
	);
	foreach ( $hosts as $host => $expected ) {
		fresh( array( 'host' => $host ) );
		do_action( 'activate_selektable/selektable.php' );
		same( $expected, known_codes(), $host );
		same( $expected ? 0 : 1, count( World::$now->pings ), $host );
	}
} );

test( 'A port that the shop allows is not complained about', function () {
	fresh( array( 'host' => 'https://selektable.example:3000' ) );
	add_filter( 'http_allowed_safe_ports', function ( $ports ) {
		return array_merge( $ports, array( 3000 ) );
	} );
	do_action( 'selektable_daily' );
	same( array(), known_codes() );
} );

test( 'A plain http shop may have a plain http server', function () {
	fresh( array( 'host' => 'http://selektable.example' ) );
	World::$now->home = 'http://shop.example';
	same( array(), array_diff( codes( Selektable_Health::problems() ), array( 'missing' ) ) );
} );

test( 'A server that does not answer is told of, until it does', function () {
	World::$now->answer = 'Error: <b>cURL</b> error 28';
	do_action( 'selektable_daily' );
	same( array( 'unreachable' ), known_codes() );
	has( 'WooCommerce says: Error: &lt;b&gt;cURL&lt;/b&gt; error 28', notice() );
	World::$now->answer = true;
	do_action( 'selektable_daily' );
	same( array(), known_codes() );
} );

test( 'A plugin without its connection says so', function () {
	fresh( array( 'webhook_secret' => '' ) );
	do_action( 'selektable_daily' );
	has( 'not connected yet', notice() );
} );

test( 'The notice is for those who can do something, and not on the settings page', function () {
	do_action( 'activate_selektable/selektable.php' );
	do_action( 'woocommerce_webhook_disabled_due_delivery_failures', 1 );
	has( 'admin.php?page=selektable', notice() );
	World::$now->screen = 'woocommerce_page_selektable';
	same( '', notice() );
	World::$now->screen = 'dashboard';
	World::$now->users  = array( 1 => array( 'read' ) );
	same( '', notice() );
} );

test( 'A broken health record is as none', function () {
	foreach ( array( 'text', array( 'problems' => 'x' ), array( 'problems' => array( 'x', 7 ) ) ) as $broken ) {
		World::$now->options['selektable_health'] = $broken;
		same( '', notice() );
	}
} );
