<?php
/** The settings page. */

/** The page as its owner sees it. */
function admin_page() {
	return printed( function () {
		do_action( 'admin_menu' );
		do_action( 'woocommerce_page_selektable' );
	} );
}

/** Sends a form. */
function send( $action, array $fields = array() ) {
	$_POST = wp_slash( $fields );
	ends( function () use ( $action ) {
		do_action( "admin_post_$action" );
	} );
}

test( 'The page stands below WooCommerce and needs manage_woocommerce', function () {
	admin_page();
	same( array( 'menu woocommerce selektable manage_woocommerce' ), World::$now->queries );
	World::$now->users = array( 1 => array( 'manage_options' ) );
	same( '', admin_page() );
} );

test( 'The page shows the connection, but never the secret', function () {
	$html = admin_page();
	foreach ( array( 'value="https://selektable.example"', 'value="store_1"', 'value="widget_1"', 'There is one. Leave this empty to keep it.' ) as $part ) {
		has( $part, $html );
	}
	same( false, strpos( $html, CONNECTION['webhook_secret'] ) );
	fresh( array( 'webhook_secret' => '' ) );
	has( 'None yet.', admin_page() );
} );

test( 'Saving stores the settings, makes the webhooks and comes back', function () {
	send( 'selektable_save', array( 'placement' => 'after_cart', 'button_text' => 'It\'s "here"', 'scope' => 'categories', 'categories' => array( '3' ), 'consent' => 'required' ) + CONNECTION );
	same( array( 'nonce selektable_save' ), array_slice( World::$now->queries, 0, 1 ) );
	same( array( 'after_cart', 'It\'s "here"', array( 3 ) ), array( Selektable_Settings::get( 'placement' ), Selektable_Settings::get( 'button_text' ), Selektable_Settings::get( 'categories' ) ) );
	same( all_good(), webhooks() );
	same( 'https://shop.example/wp-admin/admin.php?page=selektable&selektable=saved', World::$now->redirect );
	World::$now->categories = array( 3 => array( '<Chairs>', array() ), 4 => array( 'Books', array() ) );
	$_GET                   = array( 'selektable' => 'saved' );
	$html                   = admin_page();
	has( '<p>Saved.</p>', $html );
	has( 'value="It&#039;s &quot;here&quot;"', $html );
	has( '<option value="after_cart" selected>', $html );
	has( 'value="3" checked> &lt;Chairs&gt;', $html );
	has( 'value="4"> Books', $html );
	has( 'Everything is in place', $html );
} );

test( 'Refused fields are named once, the rest is saved', function () {
	send( 'selektable_save', array( 'host' => 'javascript:alert(1)', 'button_text' => 'New' ) + CONNECTION );
	$html = admin_page();
	has( 'The address must look like https://selektable.example.com.', $html );
	has( 'value="New"', $html );
	has( 'value="https://selektable.example"', $html );
	same( array(), World::$now->transients );
	same( false, strpos( admin_page(), 'Saved, except' ) );
} );

test( 'Neither form works without the right or without the page\'s own nonce', function () {
	foreach ( array( 'selektable_save', 'selektable_mend' ) as $action ) {
		foreach ( array( 'right', 'nonce' ) as $missing ) {
			fresh();
			if ( 'right' === $missing ) {
				World::$now->users = array( 1 => array( 'edit_posts' ) );
			} else {
				World::$now->referers = 'foreign';
			}
			send( $action, array( 'store_id' => 'store_evil' ) + CONNECTION );
			same( 403, World::$now->died[1], "$action $missing" );
			same( array( 'store_1', array(), null ), array( Selektable_Settings::get( 'store_id' ), webhooks(), World::$now->redirect ) );
		}
	}
} );

test( 'The page shows each webhook\'s state, and the button mends it', function () {
	send( 'selektable_mend' );
	World::$now->webhooks[1] = array_replace( World::$now->webhooks[1], array( 'status' => 'disabled', 'secret' => 'x' ) );
	unset( World::$now->webhooks[4] );
	$html = admin_page();
	has( 'edit-webhook=1', $html );
	has( '<td>switched off after failures, has another secret</td>', $html );
	has( '<td>order.restored</td><td>missing</td>', $html );
	has( '<td>active</td>', $html );
	has( 'value="selektable_mend"', $html );
	has( 'nonce-of-selektable_mend', $html );
	send( 'selektable_mend' );
	same( 'https://shop.example/wp-admin/admin.php?page=selektable&selektable=mended', World::$now->redirect );
	same( array_fill( 0, 4, 'active' ), array_column( webhooks(), 'status' ) );
	$_GET = array( 'selektable' => 'mended' );
	has( 'Checked.', admin_page() );
} );

test( 'The page still tells of a webhook that was off and is mended, until the button is pressed', function () {
	send( 'selektable_mend' );
	World::$now->webhooks[1]['status'] = 'disabled';
	do_action( 'selektable_daily' );
	has( 'WooCommerce switched the webhook order.created off', admin_page() );
	send( 'selektable_mend' );
	has( 'Everything is in place', admin_page() );
} );

test( 'The page tells of a server that did not answer', function () {
	World::$now->answer = 'Error: Delivery URL returned response code: 404';
	send( 'selektable_mend' );
	has( 'Selektable could not be reached. WooCommerce says: Error: Delivery URL returned response code: 404', admin_page() );
} );

test( 'A shop that is not connected sees what to do, and no table', function () {
	World::$now->options = array();
	$html                = admin_page();
	has( 'not connected yet', $html );
	same( false, strpos( $html, 'Check and mend</button>' ) );
} );

test( 'Hostile values in the address bar and in stored settings stay text', function () {
	$_GET = array( 'selektable' => array( 'saved' ) );
	has( 'Selektable', admin_page() );
	$_GET = array( 'selektable' => '"><script>' );
	fresh( array( 'button_text' => '"><script>alert(1)</script>', 'widget_id' => "'><img onerror=x>" ) );
	$html = admin_page();
	same( array( false, false ), array( strpos( $html, '<script' ), strpos( $html, '<img' ) ) );
} );

test( 'Every fault of a webhook and every problem has its words', function () {
	foreach ( array( 'paused', 'disabled', 'url', 'secret', 'owner', 'version', 'twice', 'refused_port', 'refused_address', 'mixed_content', 'unreachable', 'not_connected', 'no_woocommerce' ) as $code ) {
		World::$now->options['selektable_health'] = array( 'problems' => array( array( 'code' => $code, 'topic' => 'order.created', 'detail' => 'D', 'since' => 0 ) ) );
		same( false, strpos( notice(), ": $code." ), $code );
	}
} );

test( 'The list of plugins has a link to the settings', function () {
	$links = apply_filters( 'plugin_action_links_selektable/selektable.php', array( 'deactivate' ) );
	same( array( '<a href="https://shop.example/wp-admin/admin.php?page=selektable">Settings</a>', 'deactivate' ), $links );
} );
