<?php
/**
 * Everything a test can set or look at: what WordPress would keep in its database and in the request.
 *
 * @package Selektable
 */

/** The state behind the stubs. One at a time, in World::$now. */
class World {
	/** @var World */
	public static $now;

	public $options    = array();
	public $transients = array();
	/** Hook name => priority => list of [callback, accepted arguments]. */
	public $hooks      = array();
	public $shortcodes = array();
	/** User id => list of capabilities. */
	public $users      = array();
	public $user       = 0;
	/** List of [hook, arguments, recurrence]. */
	public $cron       = array();
	/** Handle => [source, version, in footer]. */
	public $scripts    = array();
	/** Webhook id => row. */
	public $webhooks   = array();
	public $next_id    = 1;
	/** Ids of webhooks that were pinged, and what the server answered: true or an error's text. */
	public $pings      = array();
	public $answer     = true;
	/** Product id => WC_Product. */
	public $products   = array();
	/** Category id => [name, list of ids below]. */
	public $categories = array();
	/** Product id => list of category ids. */
	public $in         = array();
	public $images     = array();
	public $page_id    = 0;
	/** The filter that is running. */
	public $doing      = '';
	public $home       = 'https://shop.example';
	public $screen     = 'dashboard';
	public $referers   = 'valid';
	public $endpoints  = array();
	public $version    = '10.0.2';
	public $compatible = array();
	public $redirect   = null;
	public $died       = null;
	public $sites      = array();
	public $queries    = array();

	public function can( $user, $capability ) {
		return in_array( $capability, isset( $this->users[ $user ] ) ? $this->users[ $user ] : array(), true );
	}
}

/** What wp_die() and exit after a redirect are in a test: the end of the request. */
class RequestEnded extends Exception {}
