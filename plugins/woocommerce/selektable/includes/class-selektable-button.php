<?php
/**
 * The button on product pages.
 *
 * @package Selektable
 */

defined( 'ABSPATH' ) || exit;

/**
 * Where the button stands, for which products, and what it tells the widget.
 */
class Selektable_Button {

	/** As many pictures and variations as the widget takes. */
	const IMAGES_MAX     = 12;
	const VARIATIONS_MAX = 100;

	/** WooCommerce puts title, price and cart form at 5, 10 and 30 of the summary. */
	const PLACES = array(
		'after_title'   => array( 'woocommerce_single_product_summary', 6 ),
		'after_price'   => array( 'woocommerce_single_product_summary', 11 ),
		'before_cart'   => array( 'woocommerce_single_product_summary', 29 ),
		'after_cart'    => array( 'woocommerce_single_product_summary', 31 ),
		'after_summary' => array( 'woocommerce_after_single_product_summary', 5 ),
	);

	/**
	 * The blocks that stand for title, price and cart form in a block theme, and whether the button follows them. There
	 * WooCommerce fires the hooks of PLACES, too, but all at one spot.
	 */
	const BLOCKS = array(
		'after_title' => array( array( 'core/post-title' ), true ),
		'after_price' => array( array( 'woocommerce/product-price' ), true ),
		'before_cart' => array( array( 'woocommerce/add-to-cart-form', 'woocommerce/add-to-cart-with-options' ), false ),
		'after_cart'  => array( array( 'woocommerce/add-to-cart-form', 'woocommerce/add-to-cart-with-options' ), true ),
	);

	/**
	 * Products whose button was placed. A page has one, whatever hooks its template fires.
	 *
	 * @var array
	 */
	private static $placed = array();

	/** Registers the placement when the page is known, and the settings can be read. */
	public static function hook() {
		add_action( 'wp', array( __CLASS__, 'place' ) );
	}

	/** Hangs the button where the merchant wants it. */
	public static function place() {
		$placement = Selektable_Settings::get( 'placement' );
		if ( ! isset( self::PLACES[ $placement ] ) ) {
			return;
		}
		list( $hook, $priority ) = self::PLACES[ $placement ];
		add_action( $hook, array( __CLASS__, 'in_template' ), $priority );
		if ( isset( self::BLOCKS[ $placement ] ) ) {
			foreach ( self::BLOCKS[ $placement ][0] as $name ) {
				add_filter( "render_block_$name", array( __CLASS__, 'at_block' ), 10, 3 );
			}
			// A template without the place has the button here.
			list( $hook, $priority ) = self::PLACES['after_summary'];
			add_action( $hook, array( __CLASS__, 'show' ), $priority );
		}
	}

	/** At a hook of the template. A template of blocks fires it from a filter, and at_block() knows a better place. */
	public static function in_template() {
		if ( ! isset( self::BLOCKS[ Selektable_Settings::get( 'placement' ) ] ) || ! doing_filter( 'render_block' ) ) {
			self::show();
		}
	}

	/**
	 * At a block of the product page: only the product's own, not those of related products.
	 *
	 * @param string        $html     The block.
	 * @param array         $block    What it was made of.
	 * @param WP_Block|null $instance The block with the post it belongs to.
	 */
	public static function at_block( $html, $block, $instance = null ) {
		$page = is_product() ? get_queried_object_id() : 0;
		$post = isset( $instance->context['postId'] ) ? (int) $instance->context['postId'] : $page;
		if ( ! $page || $post !== $page ) {
			return $html;
		}
		ob_start();
		self::show();
		$button = ob_get_clean();
		return self::BLOCKS[ Selektable_Settings::get( 'placement' ) ][1] ? $html . $button : $button . $html;
	}

	/** The button of the product whose page this is, if it is one of the chosen. */
	public static function show() {
		$product = self::current_product();
		if ( ! $product || isset( self::$placed[ $product->get_id() ] ) || ! self::is_chosen( $product ) ) {
			return;
		}
		self::$placed[ $product->get_id() ] = true;
		echo self::html( $product, '' ); // phpcs:ignore WordPress.Security.EscapeOutput.OutputNotEscaped -- html() escapes.
	}

	/**
	 * `[selektable_button]`: for the page's product, or another by `product_id`. Placed by hand, so for every category.
	 *
	 * @param array|string $attributes product_id and text.
	 * @return string
	 */
	public static function shortcode( $attributes ) {
		if ( ! function_exists( 'wc_get_product' ) ) {
			return '';
		}
		$given   = shortcode_atts( array( 'product_id' => '', 'text' => '' ), $attributes, 'selektable_button' );
		$product = '' === $given['product_id'] ? self::current_product() : wc_get_product( absint( $given['product_id'] ) );
		return $product ? self::html( $product, $given['text'] ) : '';
	}

	/**
	 * The button.
	 *
	 * @param WC_Product $product The product; for a variation its parent is meant.
	 * @param string     $text    Words on it; '' for the settings' ones.
	 */
	public static function html( $product, $text ) {
		$widget_id = Selektable_Settings::get( 'widget_id' );
		if ( '' === $widget_id || ! Selektable_Settings::is_connected() ) {
			return '';
		}
		$parent     = $product->get_parent_id() ? wc_get_product( $product->get_parent_id() ) : null;
		$product    = $parent ? $parent : $product;
		$attributes = '';
		foreach ( self::data( $product, $widget_id ) as $name => $value ) {
			$attributes .= sprintf( ' data-%s="%s"', $name, esc_attr( is_string( $value ) ? $value : wp_json_encode( $value ) ) );
		}
		$text = '' !== $text ? $text : Selektable_Settings::get( 'button_text' );
		$text = '' !== $text ? $text : __( 'See it in your own photo', 'selektable' );
		return '<button type="button" class="button wp-element-button selektable-button"' . $attributes . '>' . esc_html( $text ) . '</button>';
	}

	/**
	 * What the widget is told about a product.
	 *
	 * @param WC_Product $product   The product.
	 * @param string     $widget_id Which widget.
	 * @return array Names of data attributes to text, or to what becomes JSON.
	 */
	private static function data( $product, $widget_id ) {
		$data = array(
			'selektable-widget' => $widget_id,
			'product-id'        => (string) $product->get_id(),
			'product-title'     => wp_strip_all_tags( $product->get_name() ),
			'product-images'    => self::images( $product ),
			'product-url'       => (string) $product->get_permalink(),
			'selektable-stock'  => $product->is_in_stock() ? 'in' : 'out',
		);
		if ( $product->is_type( 'variable' ) ) {
			$data['selektable-variations'] = self::variations( $product );
			$data['selektable-attributes'] = self::attributes( $product );
		}
		if ( $product->is_purchasable() && $product->is_type( array( 'simple', 'variable' ) ) ) {
			$data['selektable-add-to-cart'] = WC_AJAX::get_endpoint( 'add_to_cart' );
			$data['selektable-cart']        = wc_get_cart_url();
			$data['selektable-checkout']    = wc_get_checkout_url();
		}
		return $data;
	}

	/**
	 * The pictures of a product: its own first, then the gallery.
	 *
	 * @param WC_Product $product The product.
	 */
	private static function images( $product ) {
		$ids    = array_unique( array_filter( array_merge( array( $product->get_image_id() ), $product->get_gallery_image_ids() ) ) );
		$images = array();
		foreach ( array_slice( $ids, 0, self::IMAGES_MAX ) as $id ) {
			$image = self::image( $id );
			if ( $image ) {
				$images[] = $image;
			}
		}
		return $images;
	}

	/**
	 * One picture as the widget takes it, or null.
	 *
	 * @param int|string $id The attachment.
	 */
	private static function image( $id ) {
		$address = $id ? wp_get_attachment_image_url( $id, 'full' ) : false;
		if ( ! $address ) {
			return null;
		}
		$alt = trim( (string) get_post_meta( $id, '_wp_attachment_image_alt', true ) );
		return array_filter( array( 'id' => (string) $id, 'src' => $address, 'alt' => $alt ) );
	}

	/**
	 * The variations a shopper can see.
	 *
	 * @param WC_Product_Variable $product The product.
	 */
	private static function variations( $product ) {
		$variations = array();
		foreach ( array_slice( $product->get_available_variations( 'objects' ), 0, self::VARIATIONS_MAX ) as $variation ) {
			$attributes = array();
			foreach ( $variation->get_variation_attributes() as $name => $value ) {
				$attributes[] = array(
					'name'  => (string) preg_replace( '/^attribute_/', '', $name ),
					'value' => '' === $value ? null : $value,
				);
			}
			$variations[] = array(
				'id'          => $variation->get_id(),
				'attributes'  => $attributes,
				'is_in_stock' => $variation->is_in_stock(),
				'image'       => self::image( $variation->get_image_id() ),
			);
		}
		return $variations;
	}

	/**
	 * What can be chosen of a variable product.
	 *
	 * @param WC_Product_Variable $product The product.
	 */
	private static function attributes( $product ) {
		$attributes = array();
		foreach ( $product->get_variation_attributes() as $name => $options ) {
			$attributes[] = array(
				'name'    => sanitize_title( $name ),
				'options' => array_values( $options ),
			);
		}
		return $attributes;
	}

	/**
	 * True when the product is in a chosen category, or in one below it.
	 *
	 * @param WC_Product $product The product.
	 */
	private static function is_chosen( $product ) {
		if ( 'categories' !== Selektable_Settings::get( 'scope' ) ) {
			return true;
		}
		$ids = Selektable_Settings::get( 'categories' );
		foreach ( $ids as $id ) {
			$below = get_term_children( $id, 'product_cat' );
			$ids   = array_merge( $ids, is_array( $below ) ? $below : array() );
		}
		return $ids && has_term( $ids, 'product_cat', $product->get_id() );
	}

	/** The product whose page this is, or null. */
	private static function current_product() {
		global $product;
		$current = $product instanceof WC_Product ? $product : wc_get_product( get_the_ID() );
		return $current instanceof WC_Product ? $current : null;
	}
}
