<?php
/**
 * Looks after the connection: once a day, and when something happens to a webhook.
 *
 * @package Selektable
 */

defined( 'ABSPATH' ) || exit;

/**
 * Finds what keeps orders from arriving, mends what can be mended, and tells the merchant about the rest. WooCommerce
 * itself says nothing when it switches a webhook off, and never sends a lost order again.
 */
class Selektable_Health {

	const EVENT = 'selektable_daily';

	/** What the last look found: `checked` (Unix seconds) and `problems`, each with code, topic, detail and since. */
	const OPTION = 'selektable_health';

	/** The version whose install() ran. */
	const VERSION_OPTION = 'selektable_version';

	/** Faults of webhooks that the merchant is told of even after they were mended: orders were lost meanwhile. */
	const COST_ORDERS = array( 'disabled', 'owner' );

	/** Registers the daily look and the events between. */
	public static function hook() {
		add_action( self::EVENT, array( __CLASS__, 'look_after' ) );
		add_action( 'admin_init', array( __CLASS__, 'install_once' ) );
		add_action( 'woocommerce_webhook_disabled_due_delivery_failures', array( __CLASS__, 'webhook_was_disabled' ) );
		add_action( 'deleted_user', array( __CLASS__, 'user_changed' ) );
		add_action( 'set_user_role', array( __CLASS__, 'user_changed' ) );
		add_action( 'init', array( __CLASS__, 'load_words' ) );
	}

	/** Loads translations, if the plugin's folder or WordPress has some. */
	public static function load_words() {
		load_plugin_textdomain( 'selektable', false, dirname( plugin_basename( SELEKTABLE_FILE ) ) . '/languages' );
	}

	/** On activation: the daily look, and the webhooks. */
	public static function install() {
		if ( ! wp_next_scheduled( self::EVENT ) ) {
			wp_schedule_event( time() + DAY_IN_SECONDS, 'daily', self::EVENT );
		}
		if ( ! class_exists( 'WC_Webhook' ) ) {
			return;
		}
		self::mend_everything();
		update_option( self::VERSION_OPTION, SELEKTABLE_VERSION );
	}

	/** Makes up for an activation without WooCommerce or for another site of a network, and follows updates. */
	public static function install_once() {
		if ( SELEKTABLE_VERSION !== get_option( self::VERSION_OPTION ) || ! wp_next_scheduled( self::EVENT ) ) {
			self::install();
		}
	}

	/** On deactivation: no more daily looks. Orders go on arriving until the plugin is deleted. */
	public static function pause() {
		wp_unschedule_hook( self::EVENT );
		// So that activating again puts right what changed meanwhile.
		delete_option( self::VERSION_OPTION );
	}

	/** The merchant asks for everything to be put right: settings were saved, or the button was pressed. */
	public static function mend_everything() {
		Selektable_Webhooks::mend();
		self::remember( self::problems_with_ping() );
	}

	/** The daily look. A webhook that somebody paused stays paused: that was a decision. */
	public static function look_after() {
		$before = self::problems();
		if ( Selektable_Webhooks::can_exist() ) {
			Selektable_Webhooks::mend( false );
		}
		$lost = array();
		foreach ( array_merge( self::known(), $before ) as $problem ) {
			if ( in_array( $problem['code'], self::COST_ORDERS, true ) ) {
				// The first time counts: from then on orders are missing.
				$lost += array( $problem['code'] . $problem['topic'] => $problem );
			}
		}
		$now = array();
		foreach ( self::problems_with_ping() as $problem ) {
			$now[ $problem['code'] . $problem['topic'] ] = $problem;
		}
		self::remember( array_values( $lost + $now ) );
	}

	/**
	 * WooCommerce has just switched a webhook off.
	 *
	 * @param int $id The webhook.
	 */
	public static function webhook_was_disabled( $id ) {
		if ( Selektable_Webhooks::is_own( $id ) ) {
			self::remember( array_merge( self::known(), array( self::problem( 'disabled', Selektable_Webhooks::topic_of( $id ) ) ) ) );
		}
	}

	/**
	 * A user is gone, or may do other things. If it owns webhooks, they may send errors instead of orders from now on.
	 *
	 * @param int $id The user.
	 */
	public static function user_changed( $id ) {
		if ( Selektable_Webhooks::is_owner( $id ) && ! wp_next_scheduled( self::EVENT, array( 'soon' ) ) ) {
			wp_schedule_single_event( time(), self::EVENT, array( 'soon' ) );
		}
	}

	/**
	 * What the last look found.
	 *
	 * @return array Problems with code, topic, detail and since (Unix seconds).
	 */
	public static function known() {
		$health   = get_option( self::OPTION, array() );
		$problems = is_array( $health ) && isset( $health['problems'] ) && is_array( $health['problems'] ) ? $health['problems'] : array();
		return array_values( array_filter( $problems, 'is_array' ) );
	}

	/**
	 * What keeps orders or pictures from working now.
	 *
	 * @return array As in known().
	 */
	public static function problems() {
		if ( ! Selektable_Settings::is_connected() || '' === Selektable_Settings::get( 'webhook_secret' ) ) {
			return array( self::problem( 'not_connected' ) );
		}
		if ( ! class_exists( 'WC_Webhook' ) ) {
			return array( self::problem( 'no_woocommerce' ) );
		}
		$problems = array();
		$url      = Selektable_Settings::delivery_url();
		if ( ! wp_http_validate_url( $url ) ) {
			$problems[] = self::problem( self::why_refused( $url ), '', Selektable_Settings::get( 'host' ) );
		}
		if ( 'https' === wp_parse_url( home_url(), PHP_URL_SCHEME ) && 'http' === wp_parse_url( $url, PHP_URL_SCHEME ) ) {
			$problems[] = self::problem( 'mixed_content', '', Selektable_Settings::get( 'host' ) );
		}
		foreach ( Selektable_Webhooks::inspect() as $topic => $webhook ) {
			foreach ( $webhook['faults'] as $fault ) {
				$problems[] = self::problem( $fault, $topic );
			}
		}
		return $problems;
	}

	/** As problems(); where there are none the server is asked whether it answers. */
	private static function problems_with_ping() {
		$problems = self::problems();
		$ping     = $problems ? '' : Selektable_Webhooks::ping();
		return '' === $ping ? $problems : array( self::problem( 'unreachable', '', $ping ) );
	}

	/**
	 * Why WordPress will not call an address.
	 *
	 * @param string $url An address that wp_http_validate_url() refused.
	 */
	private static function why_refused( $url ) {
		$port  = wp_parse_url( $url, PHP_URL_PORT );
		$ports = apply_filters( 'http_allowed_safe_ports', array( 80, 443, 8080 ), (string) wp_parse_url( $url, PHP_URL_HOST ), $url );
		return $port && ! in_array( $port, (array) $ports, true ) ? 'refused_port' : 'refused_address';
	}

	/**
	 * One problem.
	 *
	 * @param string $code   What it is.
	 * @param string $topic  Of which webhook, or ''.
	 * @param string $detail What else there is to say, or ''.
	 */
	private static function problem( $code, $topic = '', $detail = '' ) {
		return array(
			'code'   => $code,
			'topic'  => $topic,
			'detail' => $detail,
			'since'  => time(),
		);
	}

	/**
	 * Keeps what was found for the notice.
	 *
	 * @param array $problems The problems.
	 */
	private static function remember( array $problems ) {
		update_option( self::OPTION, array( 'checked' => time(), 'problems' => $problems ), false );
	}
}
