<?php
/**
 * What every page of the shop carries: the embed script, and the plugin's own script with the inputs it watches.
 *
 * @package Selektable
 */

defined( 'ABSPATH' ) || exit;

/**
 * The two scripts.
 */
class Selektable_Front {

	const EMBED = 'selektable-embed';

	/** Registers what runs on front pages. */
	public static function hook() {
		add_action( 'wp_enqueue_scripts', array( __CLASS__, 'enqueue' ) );
		add_filter( 'script_loader_tag', array( __CLASS__, 'tag' ), 10, 2 );
		add_action( 'wp_footer', array( __CLASS__, 'watched_inputs' ), 5 );
		add_shortcode( 'selektable_button', array( 'Selektable_Button', 'shortcode' ) );
	}

	/** Puts both scripts on the page. */
	public static function enqueue() {
		if ( ! Selektable_Settings::is_connected() ) {
			return;
		}
		// No version: the server says itself how long its script may be kept.
		// phpcs:ignore WordPress.WP.EnqueuedResourceParameters.MissingVersion
		wp_enqueue_script( self::EMBED, Selektable_Settings::get( 'host' ) . '/widgets/embed.js', array(), null, false );
		wp_enqueue_script( 'selektable', plugins_url( 'assets/selektable.js', SELEKTABLE_FILE ), array(), SELEKTABLE_VERSION, true );
	}

	/**
	 * Adds what the embed script needs to its tag. Attributes given to wp_enqueue_script() are younger than many shops'
	 * WordPress; this filter is not.
	 *
	 * @param string $tag    The tag, perhaps with inline scripts around it.
	 * @param string $handle Which script.
	 */
	public static function tag( $tag, $handle ) {
		if ( self::EMBED !== $handle || false !== strpos( $tag, 'data-store-id' ) ) {
			return $tag;
		}
		$attributes = ' data-store-id="' . esc_attr( Selektable_Settings::get( 'store_id' ) ) . '"';
		if ( 'required' === Selektable_Settings::get( 'consent' ) ) {
			$attributes .= ' data-consent="required"';
		}
		$add = static function ( $found ) use ( $attributes ) {
			return $found[1] . $attributes . ( preg_match( '/\sasync\b/', $found[2] ) ? '' : ' async' ) . $found[2];
		};
		return preg_replace_callback( '/(<script\b)(?=[^>]*\ssrc=)([^>]*>)/', $add, $tag, 1 );
	}

	/**
	 * Two inputs without a name, which no form sends. The embed script fills them; the plugin's script looks at them.
	 */
	public static function watched_inputs() {
		if ( ! Selektable_Settings::is_connected() ) {
			return;
		}
		printf(
			'<div id="selektable-ids" data-store-id="%s" hidden><input type="hidden" data-selektable-visitor-id><input type="hidden" data-selektable-session-id></div>' . "\n",
			esc_attr( Selektable_Settings::get( 'store_id' ) )
		);
	}
}
