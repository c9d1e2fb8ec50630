<?php
/**
 * The visitor's way into the order.
 *
 * @package Selektable
 */

defined( 'ABSPATH' ) || exit;

/**
 * Both checkouts write the same three fields of an order, once: what stands there is never replaced. Only WooCommerce's
 * own methods are used, so it does not matter where orders are kept.
 */
class Selektable_Orders {

	const VISITOR = '_selektable_visitor_id';
	const SESSION = '_selektable_session_id';
	/** Which way the ids came: `form_field`, `store_api` or `cookie`. */
	const CARRIER = '_selektable_carrier';

	/** Name of the extension of WooCommerce's Store API. */
	const EXTENSION = 'selektable';

	/** Places of the classic form, the first that the theme has is used. */
	const FORM_HOOKS = array(
		'woocommerce_checkout_billing',
		'woocommerce_after_checkout_billing_form',
		'woocommerce_checkout_shipping',
		'woocommerce_after_order_notes',
		'woocommerce_checkout_after_customer_details',
	);

	/**
	 * True once this page's form has its fields.
	 *
	 * @var bool
	 */
	private static $has_fields = false;

	/** Registers both checkouts and keeps renewals clean. */
	public static function hook() {
		foreach ( self::FORM_HOOKS as $name ) {
			add_action( $name, array( __CLASS__, 'form_fields' ), 20 );
		}
		add_action( 'woocommerce_checkout_create_order', array( __CLASS__, 'from_classic_checkout' ) );
		add_action( 'woocommerce_blocks_loaded', array( __CLASS__, 'extend_store_api' ) );
		add_action( 'woocommerce_store_api_checkout_update_order_from_request', array( __CLASS__, 'from_block_checkout' ), 10, 2 );
		add_action( 'plugins_loaded', array( __CLASS__, 'hook_subscriptions' ) );
	}

	/**
	 * The fields of the classic form. They are switched off, and so not sent, until the plugin's script knows that the
	 * visitor may be remembered.
	 */
	public static function form_fields() {
		if ( self::$has_fields || ! Selektable_Settings::is_connected() ) {
			return;
		}
		self::$has_fields = true;
		echo '<input type="hidden" name="selektable_visitor_id" value="" data-selektable-visitor-id disabled>';
		echo '<input type="hidden" name="selektable_session_id" value="" data-selektable-session-id disabled>';
	}

	/**
	 * Classic checkout: WooCommerce has made the order, and saves it after this.
	 *
	 * @param WC_Order $order The order.
	 */
	public static function from_classic_checkout( $order ) {
		// phpcs:ignore WordPress.Security.NonceVerification.Missing -- WooCommerce has checked its own.
		self::write( $order, 'form_field', Selektable_Identity::from_form( $_POST ) );
	}

	/**
	 * Block checkout: WooCommerce saves the order after this.
	 *
	 * @param WC_Order        $order   The order.
	 * @param WP_REST_Request $request The request.
	 */
	public static function from_block_checkout( $order, $request ) {
		$ids  = self::extension( $request->get_param( 'extensions' ) );
		$ids  = null === $ids ? self::unregistered( $request ) : $ids;
		$pair = null;
		if ( is_array( $ids ) && isset( $ids['visitor_id'] ) ) {
			$pair = Selektable_Identity::pair( $ids['visitor_id'], isset( $ids['session_id'] ) ? $ids['session_id'] : '' );
		}
		self::write( $order, 'store_api', $pair );
	}

	/**
	 * What came under our name.
	 *
	 * @param mixed $extensions The request's extensions.
	 */
	private static function extension( $extensions ) {
		return is_array( $extensions ) && isset( $extensions[ self::EXTENSION ] ) ? $extensions[ self::EXTENSION ] : null;
	}

	/**
	 * The same from the request as it was sent: WooCommerce drops what is not registered.
	 *
	 * @param WP_REST_Request $request The request.
	 */
	private static function unregistered( $request ) {
		$body = json_decode( (string) $request->get_body(), true, 16 );
		return is_array( $body ) && isset( $body['extensions'] ) ? self::extension( $body['extensions'] ) : null;
	}

	/**
	 * Writes the ids into an order that has none: those of the checkout, else those of the cookie, which also express
	 * buttons bring along.
	 *
	 * @param WC_Order   $order   The order.
	 * @param string     $carrier Which way `$pair` came.
	 * @param array|null $pair    visitor_id and session_id.
	 */
	private static function write( $order, $carrier, $pair ) {
		$known = $order->get_meta( self::VISITOR, true );
		if ( '' !== $known && null !== $known ) {
			return;
		}
		if ( null === $pair ) {
			$carrier = 'cookie';
			$pair    = Selektable_Identity::from_cookie( $_COOKIE );
		}
		if ( null === $pair ) {
			return;
		}
		$order->update_meta_data( self::VISITOR, $pair['visitor_id'] );
		$order->update_meta_data( self::CARRIER, $carrier );
		if ( '' !== $pair['session_id'] ) {
			$order->update_meta_data( self::SESSION, $pair['session_id'] );
		}
	}

	/**
	 * Tells WooCommerce of the two values the block checkout may carry. Before 8.5 that would be dangerous: it refused every
	 * order whose browser did not send a registered extension, and browsers send ours only with consent.
	 */
	public static function extend_store_api() {
		if ( ! function_exists( 'woocommerce_store_api_register_endpoint_data' ) || version_compare( WC()->version, '8.5', '<' ) ) {
			return;
		}
		$schema = '\Automattic\WooCommerce\StoreApi\Schemas\V1\CheckoutSchema';
		woocommerce_store_api_register_endpoint_data(
			array(
				'endpoint'        => class_exists( $schema ) ? $schema::IDENTIFIER : 'checkout',
				'namespace'       => self::EXTENSION,
				'schema_callback' => array( __CLASS__, 'store_api_schema' ),
				'schema_type'     => ARRAY_A,
			)
		);
	}

	/**
	 * The two values. Any text is taken and cleaned: an id is never a reason to refuse an order.
	 *
	 * @return array
	 */
	public static function store_api_schema() {
		$field = array(
			'type'        => array( 'string', 'null' ),
			'context'     => array(),
			'optional'    => true,
			'arg_options' => array(
				'validate_callback' => '__return_true',
				'sanitize_callback' => array( 'Selektable_Identity', 'id' ),
			),
		);
		return array(
			'visitor_id' => array( 'description' => __( 'Selektable visitor id.', 'selektable' ) ) + $field,
			'session_id' => array( 'description' => __( 'Selektable session id.', 'selektable' ) ) + $field,
		);
	}

	/**
	 * WooCommerce Subscriptions copies an order's fields to the subscription and from there to every renewal: the visitor
	 * of the first order did not come back each month. (The server knows renewals too.) Versions before 4.7 have other
	 * filters, of which newer ones complain.
	 */
	public static function hook_subscriptions() {
		foreach ( array( 'subscription', 'renewal_order', 'resubscribe_order' ) as $copy ) {
			if ( class_exists( 'WC_Subscriptions_Data_Copier' ) || ! class_exists( 'WC_Subscriptions' ) ) {
				add_filter( "wc_subscriptions_{$copy}_data", array( __CLASS__, 'without_ids' ) );
			} else {
				add_filter( "wcs_{$copy}_meta", array( __CLASS__, 'without_id_rows' ) );
			}
		}
	}

	/**
	 * Fields to be copied, by key.
	 *
	 * @param array $data The fields.
	 */
	public static function without_ids( $data ) {
		return is_array( $data ) ? array_diff_key( $data, array_flip( self::keys() ) ) : $data;
	}

	/**
	 * Fields to be copied, as rows of meta_key and meta_value.
	 *
	 * @param array $rows The fields.
	 */
	public static function without_id_rows( $rows ) {
		$keeps = static function ( $row ) {
			return ! isset( $row['meta_key'] ) || ! in_array( $row['meta_key'], self::keys(), true );
		};
		return is_array( $rows ) ? array_values( array_filter( $rows, $keeps ) ) : $rows;
	}

	/** The fields this plugin writes. */
	private static function keys() {
		return array( self::VISITOR, self::SESSION, self::CARRIER );
	}
}
