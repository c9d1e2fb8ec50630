<?php
/**
 * Removes what the plugin wrote, when it is deleted: webhooks, options, the daily look. The ids in orders stay: they are the
 * shop's own records.
 *
 * @package Selektable
 */

defined( 'WP_UNINSTALL_PLUGIN' ) || exit;

if ( ! defined( 'SELEKTABLE_FILE' ) ) {
	define( 'SELEKTABLE_FILE', __DIR__ . '/selektable.php' );
}
require_once __DIR__ . '/includes/class-selektable-settings.php';
require_once __DIR__ . '/includes/class-selektable-webhooks.php';
require_once __DIR__ . '/includes/class-selektable-health.php';

/** Removes what one site has. */
function selektable_uninstall_site() {
	global $wpdb;
	if ( ! class_exists( 'WC_Webhook' ) ) {
		// WooCommerce is switched off, but would send again once it is back.
		$known = get_option( Selektable_Webhooks::OPTION, array() );
		$shown = $wpdb->suppress_errors( true );
		foreach ( is_array( $known ) ? array_filter( $known, 'is_numeric' ) : array() as $topic => $id ) {
			$wpdb->delete( $wpdb->prefix . 'wc_webhooks', array( 'webhook_id' => (int) $id, 'topic' => (string) $topic ) ); // phpcs:ignore WordPress.DB.DirectDatabaseQuery
		}
		$wpdb->suppress_errors( $shown );
	}
	Selektable_Webhooks::remove();
	wp_unschedule_hook( Selektable_Health::EVENT );
	foreach ( array( Selektable_Settings::OPTION, Selektable_Health::OPTION, Selektable_Health::VERSION_OPTION ) as $name ) {
		delete_option( $name );
	}
}

if ( is_multisite() ) {
	foreach ( get_sites( array( 'fields' => 'ids', 'number' => 0 ) ) as $selektable_site ) {
		switch_to_blog( $selektable_site );
		selektable_uninstall_site();
		restore_current_blog();
	}
	unset( $selektable_site );
} else {
	selektable_uninstall_site();
}
