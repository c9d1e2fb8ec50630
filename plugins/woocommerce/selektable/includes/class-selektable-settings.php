<?php
/**
 * What the merchant chose, and which store this is.
 *
 * @package Selektable
 */

defined( 'ABSPATH' ) || exit;

/**
 * The settings. What is saved wins over `connection.php`; a value that equals that file's is not saved, so that a newer
 * download of the plugin brings its newer values.
 */
class Selektable_Settings {

	const OPTION = 'selektable_settings';

	/** Longest text of the button, in characters. */
	const TEXT_MAX = 80;

	/**
	 * The settings in force.
	 *
	 * @return array host, store_id, widget_id, webhook_secret, placement, button_text, scope, categories, consent.
	 */
	public static function all() {
		$saved    = get_option( self::OPTION, array() );
		$saved    = is_array( $saved ) ? $saved : array();
		$settings = array(
			'placement'   => 'after_price',
			'button_text' => '',
			'scope'       => 'all',
			'categories'  => array(),
			'consent'     => 'assumed',
		);
		foreach ( self::connection() as $name => $value ) {
			$settings[ $name ] = $value;
		}
		foreach ( $saved as $name => $value ) {
			if ( array_key_exists( $name, $settings ) && '' !== $value && gettype( $value ) === gettype( $settings[ $name ] ) ) {
				$settings[ $name ] = $value;
			}
		}
		return $settings;
	}

	/**
	 * One setting.
	 *
	 * @param string $name Its name.
	 * @return mixed
	 */
	public static function get( $name ) {
		$settings = self::all();
		return $settings[ $name ];
	}

	/**
	 * True when pages know which Selektable store they belong to.
	 */
	public static function is_connected() {
		return '' !== self::get( 'host' ) && '' !== self::get( 'store_id' );
	}

	/**
	 * Where WooCommerce sends this store's orders, or '' while that is unknown.
	 */
	public static function delivery_url() {
		if ( ! self::is_connected() ) {
			return '';
		}
		return self::get( 'host' ) . '/api/webhooks/woocommerce/' . rawurlencode( self::get( 'store_id' ) ) . '/orders';
	}

	/**
	 * Where the button can stand, with the merchant's words for it.
	 *
	 * @return array Name to label.
	 */
	public static function placements() {
		return array(
			'after_title'   => __( 'After the title', 'selektable' ),
			'after_price'   => __( 'After the price', 'selektable' ),
			'before_cart'   => __( 'Before "Add to cart"', 'selektable' ),
			'after_cart'    => __( 'After "Add to cart"', 'selektable' ),
			'after_summary' => __( 'Below the summary', 'selektable' ),
			'none'          => __( 'Nowhere: I place the shortcode [selektable_button] myself', 'selektable' ),
		);
	}

	/**
	 * Saves what a form sent. A field that can't be used keeps its old value.
	 *
	 * @param array $input The form's fields, without added slashes.
	 * @return array Messages for the fields that were refused, by field.
	 */
	public static function save( array $input ) {
		$errors   = array();
		$settings = self::all();
		foreach ( self::connection() as $name => $from_file ) {
			$text = isset( $input[ $name ] ) && is_string( $input[ $name ] ) ? trim( $input[ $name ] ) : '';
			// The secret is never shown again, so its empty field means "as it is".
			if ( '' === $text && 'webhook_secret' === $name ) {
				continue;
			}
			$value = '' === $text ? $from_file : self::clean( $name, $text );
			if ( null === $value ) {
				$errors[ $name ] = self::complaint( $name );
			} else {
				$settings[ $name ] = $value;
			}
		}
		$settings = self::with_choices( $settings, $input );
		foreach ( self::connection() as $name => $from_file ) {
			if ( $settings[ $name ] === $from_file ) {
				$settings[ $name ] = '';
			}
		}
		update_option( self::OPTION, $settings );
		return $errors;
	}

	/**
	 * The settings with the choices a form made; anything but a known choice is left out.
	 *
	 * @param array $settings The settings so far.
	 * @param array $input    The form's fields.
	 */
	private static function with_choices( array $settings, array $input ) {
		$choices = array(
			'placement' => array_keys( self::placements() ),
			'scope'     => array( 'all', 'categories' ),
			'consent'   => array( 'assumed', 'required' ),
		);
		foreach ( $choices as $name => $known ) {
			if ( isset( $input[ $name ] ) && in_array( $input[ $name ], $known, true ) ) {
				$settings[ $name ] = $input[ $name ];
			}
		}
		$text = isset( $input['button_text'] ) && is_string( $input['button_text'] ) ? sanitize_text_field( $input['button_text'] ) : '';

		$settings['button_text'] = (string) preg_replace( '/^(.{' . self::TEXT_MAX . '}).*$/us', '$1', $text );
		$settings['categories']  = array();
		if ( isset( $input['categories'] ) && is_array( $input['categories'] ) ) {
			$ids = array_filter( array_map( 'absint', array_filter( $input['categories'], 'is_scalar' ) ) );

			$settings['categories'] = array_values( array_unique( $ids ) );
		}
		return $settings;
	}

	/**
	 * The usable form of a connection value, or null.
	 *
	 * @param string $name  Its name.
	 * @param string $value What was given.
	 */
	private static function clean( $name, $value ) {
		if ( 'host' === $name ) {
			return self::origin( $value );
		}
		// WooCommerce decodes HTML entities in a secret, and a REST key signs nothing. What else the server takes is taken here.
		$secret  = '/^(?!c[ks]_)[!#-%(-;=?-[\]-~]{1,255}$/D';
		$pattern = 'webhook_secret' === $name ? $secret : '/^[A-Za-z0-9_-]{1,255}$/D';
		return preg_match( $pattern, $value ) ? $value : null;
	}

	/**
	 * Scheme, host and port of an address, or null if it is none of http or https.
	 *
	 * @param string $address What was given; "https://" may be missing.
	 */
	private static function origin( $address ) {
		$address = preg_match( '~^[a-z][a-z0-9+.-]*://~i', $address ) ? $address : 'https://' . $address;
		$parts   = wp_parse_url( $address );
		if ( ! is_array( $parts ) || empty( $parts['host'] ) || isset( $parts['user'] ) || isset( $parts['pass'] ) ) {
			return null;
		}
		$scheme = strtolower( $parts['scheme'] );
		$name   = strtolower( $parts['host'] );
		if ( ! in_array( $scheme, array( 'http', 'https' ), true ) || ! preg_match( '/^([a-z0-9.-]+|\[[0-9a-f:.]+\])$/D', $name ) ) {
			return null;
		}
		$usual = 'https' === $scheme ? 443 : 80;
		$port  = isset( $parts['port'] ) && $usual !== $parts['port'] ? ':' . $parts['port'] : '';
		return $scheme . '://' . $name . $port;
	}

	/**
	 * What is wrong with a connection value that was refused.
	 *
	 * @param string $name Its name.
	 */
	private static function complaint( $name ) {
		switch ( $name ) {
			case 'host':
				return __( 'The address must look like https://selektable.example.com.', 'selektable' );
			case 'store_id':
				return __( 'The store id has letters, digits, "_" and "-" only. Copy it from the dashboard.', 'selektable' );
			case 'widget_id':
				return __( 'The widget id has letters, digits, "_" and "-" only. Copy it from the dashboard.', 'selektable' );
			default:
				return __( 'The webhook secret has no spaces, quotes, "&", "<", ">" or "\\". Copy it from the dashboard; a key of WooCommerce\'s REST API (ck_… or cs_…) is none.', 'selektable' );
		}
	}

	/**
	 * What `connection.php` says; '' for what it doesn't.
	 */
	private static function connection() {
		$file = apply_filters( 'selektable_connection_file', dirname( SELEKTABLE_FILE ) . '/connection.php' );
		$read = is_readable( $file ) ? include $file : array();
		$read = is_array( $read ) ? $read : array();

		$connection = array();
		foreach ( array( 'host', 'store_id', 'widget_id', 'webhook_secret' ) as $name ) {
			$text  = isset( $read[ $name ] ) && is_string( $read[ $name ] ) ? $read[ $name ] : '';
			$value = '' === $text ? '' : self::clean( $name, $text );

			$connection[ $name ] = null === $value ? '' : $value;
		}
		return $connection;
	}
}
