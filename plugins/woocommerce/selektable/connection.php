<?php
/**
 * The store this plugin belongs to. The dashboard's download carries the store's own values here.
 *
 * @package Selektable
 */

defined( 'ABSPATH' ) || exit;

return array( 'host' => '', 'store_id' => '', 'widget_id' => '', 'webhook_secret' => '' );
