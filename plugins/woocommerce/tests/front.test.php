<?php
/** Scripts on every page. */

test( 'Both scripts are on every front page of a connected shop', function () {
	do_action( 'wp_enqueue_scripts' );
	same(
		array(
			'selektable-embed' => array( 'https://selektable.example/widgets/embed.js', null, false ),
			'selektable'       => array( 'https://shop.example/wp-content/plugins/selektable/assets/selektable.js', SELEKTABLE_VERSION, true ),
		),
		World::$now->scripts
	);
} );

test( 'A shop that is not connected has no script, no inputs and no checkout fields', function () {
	fresh( array( 'store_id' => '' ) );
	do_action( 'wp_enqueue_scripts' );
	same( array(), World::$now->scripts );
	same( '', printed( function () {
		do_action( 'wp_footer' );
		do_action( 'woocommerce_checkout_billing' );
	} ) );
} );

test( 'The embed script\'s tag gets store id and async, on any WordPress', function () {
	$tags = array(
		// Before 6.4, and since.
		"<script type='text/javascript' src='https://selektable.example/widgets/embed.js' id='selektable-embed-js'></script>\n"
			=> "<script data-store-id=\"store_1\" async type='text/javascript' src='https://selektable.example/widgets/embed.js' id='selektable-embed-js'></script>\n",
		'<script src="https://selektable.example/widgets/embed.js" id="selektable-embed-js"></script>'
			=> '<script data-store-id="store_1" async src="https://selektable.example/widgets/embed.js" id="selektable-embed-js"></script>',
		// Another plugin made it async, and a third added inline scripts.
		'<script id="x-before">var a = 1;</script><script async src="u"></script><script id="x-after">b()</script>'
			=> '<script id="x-before">var a = 1;</script><script data-store-id="store_1" async src="u"></script><script id="x-after">b()</script>',
	);
	foreach ( $tags as $before => $after ) {
		$tag = apply_filters( 'script_loader_tag', $before, 'selektable-embed', 'u' );
		same( $after, $tag );
		same( $after, apply_filters( 'script_loader_tag', $tag, 'selektable-embed', 'u' ) );
		same( $before, apply_filters( 'script_loader_tag', $before, 'jquery', 'u' ) );
	}
} );

test( 'Where consent is required the embed script is told', function () {
	fresh( array( 'consent' => 'required' ) );
	has( '<script data-store-id="store_1" data-consent="required" async src="u">', apply_filters( 'script_loader_tag', '<script src="u"></script>', 'selektable-embed', 'u' ) );
} );

test( 'The footer has two inputs that no form sends', function () {
	$html = printed( function () {
		do_action( 'wp_footer' );
	} );
	has( '<div id="selektable-ids" data-store-id="store_1" hidden>', $html );
	has( '<input type="hidden" data-selektable-visitor-id><input type="hidden" data-selektable-session-id>', $html );
	same( false, strpos( $html, 'name=' ) );
} );

test( 'Translations are loaded from the plugin\'s folder', function () {
	do_action( 'init' );
	same( array( 'textdomain selektable selektable/languages' ), World::$now->queries );
} );
