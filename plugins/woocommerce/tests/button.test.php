<?php
/** The button on product pages. */

/** The page of a product, as a theme fires its hooks. */
function product_page( $product ) {
	$GLOBALS['product'] = $product;
	return printed( function () {
		do_action( 'wp' );
		do_action( 'woocommerce_single_product_summary' );
		do_action( 'woocommerce_after_single_product_summary' );
	} );
}

/** The data attributes of the only button. */
function button_data( $html ) {
	same( 1, preg_match_all( '/<button [^>]*>/', $html, $found ), $html );
	preg_match_all( '/ data-([a-z-]+)="([^"]*)"/', $found[0][0], $pairs );
	return array_combine( $pairs[1], array_map( 'html_entity_decode', $pairs[2], array_fill( 0, count( $pairs[2] ), ENT_QUOTES ) ) );
}

function chair( array $more = array() ) {
	World::$now->images = array( 11 => 'https://shop.example/a.jpg', 12 => 'https://shop.example/b,1.jpg', 13 => 'https://shop.example/red.jpg' );
	return new WC_Product( $more + array( 'id' => 7, 'name' => 'Chair', 'image' => 11, 'gallery' => array( 12, 99, 11 ) ) );
}

function variable_chair() {
	$red  = new WC_Product( array( 'id' => 71, 'parent' => 7, 'name' => 'Chair, red', 'type' => 'variation', 'image' => 13, 'attributes' => array( 'attribute_pa_colour' => 'red', 'attribute_size' => '' ) ) );
	$blue = new WC_Product( array( 'id' => 72, 'parent' => 7, 'name' => 'Chair, blue', 'type' => 'variation', 'in_stock' => false, 'attributes' => array( 'attribute_pa_colour' => 'blue', 'attribute_size' => '' ) ) );
	return chair( array( 'type' => 'variable', 'variations' => array( $red, $blue ), 'attributes' => array( 'pa_colour' => array( 'red', 'blue' ), 'Size' => array( 2 => 'S', 5 => 'L' ) ) ) );
}

test( 'The button says what the widget needs to know', function () {
	$data = button_data( product_page( chair() ) );
	same( array( 'widget_1', '7', 'Chair', 'https://shop.example/product/7/?a=1&b=2', 'in' ), array( $data['selektable-widget'], $data['product-id'], $data['product-title'], $data['product-url'], $data['selektable-stock'] ) );
	same(
		array(
			array( 'id' => '11', 'src' => 'https://shop.example/a.jpg', 'alt' => 'Picture "11"' ),
			array( 'id' => '12', 'src' => 'https://shop.example/b,1.jpg', 'alt' => 'Picture "12"' ),
		),
		json_decode( $data['product-images'], true )
	);
	same( array( '/?wc-ajax=add_to_cart', 'https://shop.example/cart/', 'https://shop.example/checkout/' ), array( $data['selektable-add-to-cart'], $data['selektable-cart'], $data['selektable-checkout'] ) );
	same( false, isset( $data['selektable-variations'] ) );
} );

test( 'Of a variable product the button knows variations, attributes and the parent\'s id', function () {
	$data = button_data( product_page( variable_chair() ) );
	same( '7', $data['product-id'] );
	same(
		array(
			array( 'id' => 71, 'attributes' => array( array( 'name' => 'pa_colour', 'value' => 'red' ), array( 'name' => 'size', 'value' => null ) ), 'is_in_stock' => true, 'image' => array( 'id' => '13', 'src' => 'https://shop.example/red.jpg', 'alt' => 'Picture "13"' ) ),
			array( 'id' => 72, 'attributes' => array( array( 'name' => 'pa_colour', 'value' => 'blue' ), array( 'name' => 'size', 'value' => null ) ), 'is_in_stock' => false, 'image' => null ),
		),
		json_decode( $data['selektable-variations'], true )
	);
	same( array( array( 'name' => 'pa_colour', 'options' => array( 'red', 'blue' ) ), array( 'name' => 'size', 'options' => array( 'S', 'L' ) ) ), json_decode( $data['selektable-attributes'], true ) );
} );

test( 'A product that can\'t be bought here is shown, without a way to the cart', function () {
	foreach ( array( array( 'purchasable' => false ), array( 'type' => 'external' ), array( 'type' => 'grouped' ) ) as $more ) {
		fresh();
		$data = button_data( product_page( chair( $more ) ) );
		same( false, isset( $data['selektable-add-to-cart'] ) );
	}
	fresh();
	same( 'out', button_data( product_page( chair( array( 'in_stock' => false ) ) ) )['selektable-stock'] );
} );

test( 'Names with quotes and tags stay inside their attributes', function () {
	fresh( array( 'button_text' => '"><script>alert(1)</script>' ) );
	World::$now->images = array( 11 => 'https://shop.example/a.jpg?x="><script>' );

	$html = product_page( new WC_Product( array( 'id' => 7, 'name' => 'A "big" <b>chair</b> \'x\' & more', 'image' => 11 ) ) );
	same( false, strpos( $html, '<script' ) );
	$data = button_data( $html );
	same( 'A "big" chair \'x\' & more', $data['product-title'] );
	same( 'https://shop.example/a.jpg?x="><script>', json_decode( $data['product-images'], true )[0]['src'] );
} );

test( 'Each placement puts one button at its place', function () {
	$around = array( 5 => 'title', 10 => 'price', 30 => 'cart', 50 => 'end' );
	$places = array(
		'after_title'   => 'title BUTTON price cart end tabs',
		'after_price'   => 'title price BUTTON cart end tabs',
		'before_cart'   => 'title price BUTTON cart end tabs',
		'after_cart'    => 'title price cart BUTTON end tabs',
		'after_summary' => 'title price cart end BUTTON tabs',
		'none'          => 'title price cart end tabs',
	);
	same( array_keys( Selektable_Settings::placements() ), array_keys( $places ) );
	foreach ( $places as $placement => $expected ) {
		fresh( array( 'placement' => $placement ) );
		foreach ( $around as $priority => $word ) {
			add_action( 'woocommerce_single_product_summary', function () use ( $word ) {
				echo "$word ";
			}, $priority );
		}
		add_action( 'woocommerce_after_single_product_summary', function () {
			echo 'tabs';
		}, 10 );
		same( $expected, preg_replace( '~<button.*?</button>~', 'BUTTON ', product_page( chair() ) ), $placement );
	}
} );

test( 'A template that fires its hook twice gets one button', function () {
	$GLOBALS['product'] = chair();
	do_action( 'wp' );
	same( 1, substr_count( printed( function () {
		do_action( 'woocommerce_single_product_summary' );
		do_action( 'woocommerce_single_product_summary' );
	} ), '<button' ) );
} );

/** A block template: title, price, cart form, related products, and WooCommerce's hooks, which it fires at one spot. */
function block_page( array $blocks ) {
	World::$now->page_id = 7;
	$GLOBALS['product']  = chair();
	new WC_Product( array( 'id' => 8, 'name' => 'Related' ) );
	do_action( 'wp' );
	$html = '';
	foreach ( $blocks as $name => $post ) {
		$word = substr( strrchr( $name, '/' ), 1 );
		if ( 'woocommerce/add-to-cart-form' === $name ) {
			World::$now->doing = 'render_block';
			$html             .= printed( function () {
				do_action( 'woocommerce_single_product_summary' );
			} );
			World::$now->doing = '';
		}
		$html .= apply_filters( "render_block_$name", "$word ", array(), (object) array( 'context' => array( 'postId' => $post ) ) );
	}
	World::$now->doing = 'render_block';
	$html             .= printed( function () {
		do_action( 'woocommerce_after_single_product_summary' );
	} );
	return preg_replace( '~<button.*?</button>~', 'BUTTON ', $html );
}

test( 'In a block theme the button stands at the product\'s own block', function () {
	$places = array(
		'after_title'   => 'post-title BUTTON product-price add-to-cart-form details ',
		'after_price'   => 'post-title product-price BUTTON add-to-cart-form details ',
		'before_cart'   => 'post-title product-price BUTTON add-to-cart-form details ',
		'after_cart'    => 'post-title product-price add-to-cart-form BUTTON details ',
		'after_summary' => 'post-title product-price add-to-cart-form details BUTTON ',
		'none'          => 'post-title product-price add-to-cart-form details ',
	);
	foreach ( $places as $placement => $expected ) {
		fresh( array( 'placement' => $placement ) );
		same( $expected, block_page( array( 'core/post-title' => 7, 'woocommerce/product-price' => 7, 'woocommerce/add-to-cart-form' => 7, 'x/details' => 7 ) ), $placement );
	}
} );

test( 'A related product\'s block is no place, and a template without the place has the button below the summary', function () {
	fresh( array( 'placement' => 'after_price' ) );
	same( 'post-title add-to-cart-form product-price BUTTON ', block_page( array( 'core/post-title' => 7, 'woocommerce/add-to-cart-form' => 7, 'woocommerce/product-price' => 8 ) ) );
} );

test( 'A block on another page is no place', function () {
	do_action( 'wp' );
	$GLOBALS['product'] = chair();
	same( 'price', apply_filters( 'render_block_woocommerce/product-price', 'price', array(), null ) );
} );

test( 'Only products of the chosen categories, or of those below them, have the button', function () {
	$chosen = array( 'scope' => 'categories', 'categories' => array( 3, 8 ) );
	foreach ( array( 3 => 1, 31 => 1, 4 => 0 ) as $category => $expected ) {
		fresh( $chosen );
		World::$now->categories = array( 3 => array( 'Furniture', array( 31 ) ), 31 => array( 'Chairs', array() ), 4 => array( 'Books', array() ) );
		World::$now->in         = array( 7 => array( $category ) );
		same( $expected, substr_count( product_page( chair() ), '<button' ), "category $category" );
	}
	fresh( array( 'categories' => array() ) + $chosen );
	same( '', product_page( chair() ) );
} );

test( 'The shortcode shows the button of the page\'s product or of another, in any category', function () {
	fresh( array( 'placement' => 'none', 'scope' => 'categories' ) );
	$shortcode = World::$now->shortcodes['selektable_button'];
	chair();
	World::$now->page_id = 7;
	same( '7', button_data( $shortcode( '' ) )['product-id'] );
	new WC_Product( array( 'id' => 8, 'name' => 'Table' ) );
	has( '>Look "here"<', html_entity_decode( $shortcode( array( 'product_id' => '8', 'text' => 'Look "here"' ) ), ENT_QUOTES ) );
	same( '', $shortcode( array( 'product_id' => '999' ) ) );
	same( '8', button_data( $shortcode( array( 'product_id' => '8" onclick="x' ) ) )['product-id'] );
} );

test( 'A variation\'s button is its parent\'s', function () {
	variable_chair();
	$shortcode = World::$now->shortcodes['selektable_button'];
	same( '7', button_data( $shortcode( array( 'product_id' => '72' ) ) )['product-id'] );
} );

test( 'Without a widget, or off product pages, there is no button', function () {
	fresh( array( 'widget_id' => '' ) );
	same( '', product_page( chair() ) );
	fresh();
	same( '', product_page( null ) );
	fresh( array( 'host' => '' ) );
	same( '', product_page( chair() ) );
} );

test( 'The widget gets no more pictures and variations than it takes', function () {
	World::$now->images = array_fill_keys( range( 1, 40 ), 'https://shop.example/a.jpg' );

	$variations = array();
	for ( $id = 1000; $id < 1150; $id++ ) {
		$variations[] = new WC_Product( array( 'id' => $id, 'name' => 'V' ) );
	}
	$data = button_data( product_page( new WC_Product( array( 'id' => 7, 'name' => 'C', 'type' => 'variable', 'image' => 1, 'gallery' => range( 2, 40 ), 'variations' => $variations ) ) ) );
	same( array( 12, 100 ), array( count( json_decode( $data['product-images'] ) ), count( json_decode( $data['selektable-variations'] ) ) ) );
} );
