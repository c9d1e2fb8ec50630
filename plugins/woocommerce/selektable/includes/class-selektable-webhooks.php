<?php
/**
 * The plugin's webhooks: WooCommerce sends each order by them.
 *
 * @package Selektable
 */

defined( 'ABSPATH' ) || exit;

/**
 * Finds, makes, mends and removes one webhook per topic.
 */
class Selektable_Webhooks {

	const TOPICS = array( 'order.created', 'order.updated', 'order.deleted', 'order.restored' );

	/** Ids of the webhooks by topic, so that one is found again after its address was changed. */
	const OPTION = 'selektable_webhooks';

	/** Held while webhooks are being made: two requests at once would make two of each. */
	const LOCK         = 'selektable_webhooks_lock';
	const LOCK_SECONDS = 120;

	/** The version of the order body that Selektable reads. */
	const API_VERSION = 3;

	/** True where WooCommerce is there and everything that a webhook needs is known. */
	public static function can_exist() {
		return class_exists( 'WC_Webhook' ) && '' !== Selektable_Settings::delivery_url() && '' !== Selektable_Settings::get( 'webhook_secret' );
	}

	/**
	 * What each webhook is like.
	 *
	 * @return array By topic: `id` (0 if there is none) and `faults`, some of missing, paused, disabled, url, secret,
	 *               owner, version, twice.
	 */
	public static function inspect() {
		$found  = self::find();
		$report = array();
		foreach ( self::TOPICS as $topic ) {
			$webhook = isset( $found[ $topic ] ) ? $found[ $topic ][0] : null;
			$faults  = $webhook ? self::faults( $webhook ) : array( 'missing' );
			if ( $webhook && count( $found[ $topic ] ) > 1 ) {
				$faults[] = 'twice';
			}
			$report[ $topic ] = array(
				'id'     => $webhook ? $webhook->get_id() : 0,
				'faults' => $faults,
			);
		}
		return $report;
	}

	/**
	 * Makes what is missing, mends what differs, and removes second copies.
	 *
	 * @param bool $paused_too False leaves a webhook alone that somebody paused by hand.
	 * @return bool False if nothing could be done: not connected, nobody to own the webhooks, or another request is at it.
	 */
	public static function mend( $paused_too = true ) {
		$owner = self::owner();
		if ( ! self::can_exist() || ! $owner || ! self::lock() ) {
			return false;
		}
		try {
			$found = self::find();
			$ids   = array();
			foreach ( self::TOPICS as $topic ) {
				$webhooks = isset( $found[ $topic ] ) ? $found[ $topic ] : array();
				$first    = array_shift( $webhooks );
				$first    = $first ? $first : new WC_Webhook();
				$faults   = $first->get_id() ? self::faults( $first ) : array( 'missing' );
				if ( $faults && ( $paused_too || ! in_array( 'paused', $faults, true ) ) ) {
					self::put_right( $first, $topic, $owner );
				}
				$ids[ $topic ] = $first->get_id();
				foreach ( $webhooks as $copy ) {
					$copy->delete( true );
				}
			}
			update_option( self::OPTION, $ids, false );
		} finally {
			self::unlock();
		}
		return true;
	}

	/**
	 * Asks the server whether it can be reached, the way WooCommerce asks.
	 *
	 * @return string '' or what went wrong, in WooCommerce's words.
	 */
	public static function ping() {
		$found   = self::can_exist() ? self::find() : array();
		$webhook = isset( $found['order.created'] ) ? $found['order.created'][0] : null;
		if ( ! $webhook ) {
			return '';
		}
		$result = $webhook->deliver_ping();
		return is_wp_error( $result ) ? $result->get_error_message() : '';
	}

	/** Removes every webhook of the plugin, and what it remembers of them. */
	public static function remove() {
		foreach ( class_exists( 'WC_Webhook' ) ? self::find() : array() as $webhooks ) {
			foreach ( $webhooks as $webhook ) {
				$webhook->delete( true );
			}
		}
		delete_option( self::OPTION );
		self::unlock();
	}

	/**
	 * True for a webhook of the plugin.
	 *
	 * @param int $id The webhook.
	 */
	public static function is_own( $id ) {
		return in_array( (int) $id, array_map( 'intval', self::known_ids() ), true );
	}

	/**
	 * The topic of a webhook of the plugin, or ''.
	 *
	 * @param int $id The webhook.
	 */
	public static function topic_of( $id ) {
		return (string) array_search( (int) $id, array_map( 'intval', self::known_ids() ), true );
	}

	/**
	 * True for a user who owns a webhook of the plugin.
	 *
	 * @param int $user The user.
	 */
	public static function is_owner( $user ) {
		foreach ( class_exists( 'WC_Webhook' ) ? self::known_ids() : array() as $id ) {
			$webhook = wc_get_webhook( (int) $id );
			if ( $webhook && (int) $webhook->get_user_id( 'edit' ) === (int) $user ) {
				return true;
			}
		}
		return false;
	}

	/**
	 * Brings a webhook into the state it should have.
	 *
	 * @param WC_Webhook $webhook The webhook, new or not.
	 * @param string     $topic   Its topic.
	 * @param int        $owner   Somebody who may own webhooks.
	 */
	private static function put_right( $webhook, $topic, $owner ) {
		/* translators: %s: a webhook topic such as order.created. */
		$webhook->set_name( $webhook->get_id() ? $webhook->get_name( 'edit' ) : sprintf( __( 'Selektable: %s', 'selektable' ), $topic ) );
		$webhook->set_topic( $topic );
		$webhook->set_delivery_url( Selektable_Settings::delivery_url() );
		$webhook->set_secret( Selektable_Settings::get( 'webhook_secret' ) );
		$webhook->set_api_version( self::API_VERSION );
		if ( ! self::may_own( $webhook->get_user_id( 'edit' ) ) ) {
			$webhook->set_user_id( $owner );
		}
		$webhook->set_status( 'active' );
		// Else a webhook that was switched off after failures is switched off again by its next one.
		$webhook->set_failure_count( 0 );
		if ( ! $webhook->get_id() ) {
			$webhook->save();
		}
		// Saving a new webhook marks it as waiting for its first ping, and then each delivery would bring another.
		$webhook->set_pending_delivery( false );
		$webhook->save();
	}

	/**
	 * What is wrong with a webhook that exists.
	 *
	 * @param WC_Webhook $webhook The webhook.
	 */
	private static function faults( $webhook ) {
		$status = $webhook->get_status( 'edit' );
		$wrong  = array(
			'paused'   => 'paused' === $status,
			'disabled' => 'paused' !== $status && 'active' !== $status,
			'url'      => Selektable_Settings::delivery_url() !== $webhook->get_delivery_url( 'edit' ),
			'secret'   => ! hash_equals( Selektable_Settings::get( 'webhook_secret' ), (string) $webhook->get_secret( 'edit' ) ),
			'owner'    => ! self::may_own( $webhook->get_user_id( 'edit' ) ),
			'version'  => 'wp_api_v' . self::API_VERSION !== $webhook->get_api_version( 'edit' ),
		);
		return array_keys( array_filter( $wrong ) );
	}

	/**
	 * The plugin's webhooks by topic, the one to keep first. Its own are those it remembers, and those that send one of its
	 * topics to this store of this server, or to the server's address for all stores (set up by hand before).
	 *
	 * @return array Lists of WC_Webhook by topic.
	 */
	private static function find() {
		$known   = self::known_ids();
		$url     = self::comparable( Selektable_Settings::delivery_url() );
		$by_hand = self::comparable( Selektable_Settings::get( 'host' ) . '/api/webhooks/woocommerce/orders' );
		$found   = array();
		$ids     = array_map( 'intval', WC_Data_Store::load( 'webhook' )->get_webhooks_ids() );
		sort( $ids );
		foreach ( $ids as $id ) {
			$webhook = wc_get_webhook( $id );
			$topic   = $webhook ? $webhook->get_topic( 'edit' ) : '';
			if ( ! in_array( $topic, self::TOPICS, true ) ) {
				continue;
			}
			$target     = self::comparable( $webhook->get_delivery_url( 'edit' ) );
			$remembered = isset( $known[ $topic ] ) && (int) $known[ $topic ] === $id;
			if ( $remembered ) {
				$found[ $topic ] = array_merge( array( $webhook ), isset( $found[ $topic ] ) ? $found[ $topic ] : array() );
			} elseif ( '' !== $url && in_array( $target, array( $url, $by_hand ), true ) ) {
				$found[ $topic ][] = $webhook;
			}
		}
		return $found;
	}

	/**
	 * An address for comparing: a trailing slash and the case of letters make no other server.
	 *
	 * @param string $address The address.
	 */
	private static function comparable( $address ) {
		return strtolower( rtrim( $address, '/' ) );
	}

	/** Ids by topic, as remembered. */
	private static function known_ids() {
		$known = get_option( self::OPTION, array() );
		return is_array( $known ) ? array_filter( $known, 'is_numeric' ) : array();
	}

	/** Who shall own new webhooks: who is here, else the first user who may; 0 if nobody may. */
	private static function owner() {
		$here = get_current_user_id();
		if ( self::may_own( $here ) ) {
			return $here;
		}
		$users = get_users(
			array(
				'role__in' => array( 'administrator', 'shop_manager' ),
				'fields'   => 'ID',
				'orderby'  => 'ID',
			)
		);
		foreach ( $users as $id ) {
			if ( self::may_own( $id ) ) {
				return (int) $id;
			}
		}
		return 0;
	}

	/**
	 * True for a user in whose name WooCommerce can read an order. Otherwise it sends an error instead of the order.
	 *
	 * @param int|string $id The user.
	 */
	private static function may_own( $id ) {
		return $id && user_can( (int) $id, 'manage_woocommerce' ) && user_can( (int) $id, 'read_private_shop_orders' );
	}

	/** Takes the lock; an insert that gives way is the one thing two requests can't both do. */
	private static function lock() {
		global $wpdb;
		$now = time();
		// phpcs:disable WordPress.DB.DirectDatabaseQuery
		$taken = $wpdb->query( $wpdb->prepare( "INSERT IGNORE INTO {$wpdb->options} (option_name, option_value, autoload) VALUES (%s, %s, 'no')", self::LOCK, (string) $now ) );
		if ( ! $taken ) {
			// Left behind by a request that died.
			$taken = $wpdb->query( $wpdb->prepare( "UPDATE {$wpdb->options} SET option_value = %s WHERE option_name = %s AND option_value < %s", (string) $now, self::LOCK, (string) ( $now - self::LOCK_SECONDS ) ) );
		}
		// phpcs:enable
		return (bool) $taken;
	}

	/** Gives the lock back. */
	private static function unlock() {
		global $wpdb;
		$wpdb->delete( $wpdb->options, array( 'option_name' => self::LOCK ) ); // phpcs:ignore WordPress.DB.DirectDatabaseQuery
	}
}
