<?php
/**
 * The functions of WordPress that the plugin calls, as far as it relies on them.
 *
 * @package Selektable
 */

define( 'ABSPATH', __DIR__ . '/' );
define( 'DAY_IN_SECONDS', 86400 );
define( 'MINUTE_IN_SECONDS', 60 );
define( 'ARRAY_A', 'ARRAY_A' );

class WP_Error {
	private $message;
	public function __construct( $code, $message ) {
		$this->message = $message;
	}
	public function get_error_message() {
		return $this->message;
	}
}
function is_wp_error( $thing ) {
	return $thing instanceof WP_Error;
}

/* Hooks. */
function add_filter( $name, $callback, $priority = 10, $accepted = 1 ) {
	World::$now->hooks[ $name ][ $priority ][] = array( $callback, $accepted );
}
function add_action( $name, $callback, $priority = 10, $accepted = 1 ) {
	add_filter( $name, $callback, $priority, $accepted );
}
function apply_filters( $name, $value, ...$more ) {
	$hooks = isset( World::$now->hooks[ $name ] ) ? World::$now->hooks[ $name ] : array();
	ksort( $hooks );
	foreach ( $hooks as $callbacks ) {
		foreach ( $callbacks as list( $callback, $accepted ) ) {
			$value = call_user_func_array( $callback, array_slice( array_merge( array( $value ), $more ), 0, $accepted ) );
		}
	}
	return $value;
}
function do_action( $name, ...$arguments ) {
	$hooks = isset( World::$now->hooks[ $name ] ) ? World::$now->hooks[ $name ] : array();
	ksort( $hooks );
	foreach ( $hooks as $callbacks ) {
		foreach ( $callbacks as list( $callback, $accepted ) ) {
			// WordPress passes an empty text where an action was fired with nothing.
			call_user_func_array( $callback, array_slice( $arguments ? $arguments : array( '' ), 0, $accepted ) );
		}
	}
}
function register_activation_hook( $file, $callback ) {
	add_action( 'activate_' . plugin_basename( $file ), $callback );
}
function register_deactivation_hook( $file, $callback ) {
	add_action( 'deactivate_' . plugin_basename( $file ), $callback );
}
function add_shortcode( $name, $callback ) {
	World::$now->shortcodes[ $name ] = $callback;
}
function shortcode_atts( $defaults, $given, $name = '' ) {
	return array_merge( $defaults, array_intersect_key( (array) $given, $defaults ) );
}

/* Options, transients, cron. */
function get_option( $name, $default = false ) {
	// WordPress gives back what its serialised form gives back.
	return array_key_exists( $name, World::$now->options ) ? unserialize( serialize( World::$now->options[ $name ] ) ) : $default;
}
function update_option( $name, $value, $autoload = null ) {
	World::$now->options[ $name ] = $value;
	return true;
}
function delete_option( $name ) {
	unset( World::$now->options[ $name ] );
	return true;
}
function get_transient( $name ) {
	return isset( World::$now->transients[ $name ] ) ? World::$now->transients[ $name ] : false;
}
function set_transient( $name, $value, $seconds ) {
	World::$now->transients[ $name ] = $value;
}
function delete_transient( $name ) {
	unset( World::$now->transients[ $name ] );
}
function wp_next_scheduled( $hook, $arguments = array() ) {
	foreach ( World::$now->cron as $event ) {
		if ( $event[0] === $hook && $event[1] === $arguments ) {
			return 1;
		}
	}
	return false;
}
function wp_schedule_event( $time, $recurrence, $hook, $arguments = array() ) {
	World::$now->cron[] = array( $hook, $arguments, $recurrence );
}
function wp_schedule_single_event( $time, $hook, $arguments = array() ) {
	World::$now->cron[] = array( $hook, $arguments, 'once' );
}
function wp_unschedule_hook( $hook ) {
	World::$now->cron = array_values( array_filter( World::$now->cron, function ( $event ) use ( $hook ) {
		return $event[0] !== $hook;
	} ) );
}

/* Users. */
function get_current_user_id() {
	return World::$now->user;
}
function current_user_can( $capability ) {
	return World::$now->can( World::$now->user, $capability );
}
function user_can( $user, $capability ) {
	return World::$now->can( $user, $capability );
}
function get_users( $query ) {
	// Text, as the database gives it.
	$ids = array_map( 'strval', array_keys( World::$now->users ) );
	sort( $ids, SORT_NUMERIC );
	return $ids;
}

/* Text. */
function __( $text, $domain = 'default' ) {
	if ( 'selektable' !== $domain ) {
		throw new Exception( "No text domain: $text" );
	}
	return $text;
}
function esc_html__( $text, $domain = 'default' ) {
	return esc_html( __( $text, $domain ) );
}
function esc_html( $text ) {
	return htmlspecialchars( (string) $text, ENT_QUOTES, 'UTF-8', false );
}
function esc_attr( $text ) {
	return htmlspecialchars( (string) $text, ENT_QUOTES, 'UTF-8', false );
}
function esc_url( $text ) {
	return preg_match( '~^(https?:|/)~', $text ) ? str_replace( array( '"', "'", '<', '>', '&' ), array( '%22', '%27', '%3C', '%3E', '&#038;' ), $text ) : '';
}
function sanitize_text_field( $text ) {
	return trim( preg_replace( '/[\r\n\t ]+/', ' ', strip_tags( $text ) ) );
}
function sanitize_title( $text ) {
	return trim( preg_replace( '/[^a-z0-9_-]+/', '-', strtolower( $text ) ), '-' );
}
function wp_strip_all_tags( $text ) {
	return trim( strip_tags( $text ) );
}
function wp_json_encode( $value ) {
	return json_encode( $value );
}
function wp_unslash( $value ) {
	return is_array( $value ) ? array_map( 'wp_unslash', $value ) : ( is_string( $value ) ? stripslashes( $value ) : $value );
}
function wp_slash( $value ) {
	return is_array( $value ) ? array_map( 'wp_slash', $value ) : ( is_string( $value ) ? addslashes( $value ) : $value );
}
function absint( $value ) {
	return abs( (int) $value );
}
function wp_parse_url( $url, $part = -1 ) {
	return parse_url( $url, $part );
}
function __return_true() {
	return true;
}
function wp_date( $format, $time ) {
	return gmdate( 'Y-m-d H:i', $time );
}

/* Pages. */
function wp_enqueue_script( $handle, $source, $needs = array(), $version = false, $footer = false ) {
	World::$now->scripts[ $handle ] = array( $source, $version, $footer );
}
function plugins_url( $path, $file ) {
	return World::$now->home . '/wp-content/plugins/selektable/' . $path;
}
function plugin_basename( $file ) {
	return 'selektable/' . basename( $file );
}
function load_plugin_textdomain( $domain, $deprecated, $folder ) {
	World::$now->queries[] = "textdomain $domain $folder";
}
function home_url( $path = '' ) {
	return World::$now->home . $path;
}
function admin_url( $path ) {
	return World::$now->home . '/wp-admin/' . $path;
}
function add_query_arg( $name, $value, $url ) {
	return $url . ( strpos( $url, '?' ) ? '&' : '?' ) . $name . '=' . rawurlencode( $value );
}
function get_the_ID() {
	return World::$now->page_id;
}
function add_submenu_page( $parent, $title, $menu, $capability, $slug, $callback ) {
	World::$now->queries[] = "menu $parent $slug $capability";
	add_action( 'woocommerce_page_' . $slug, $callback );
}
function get_current_screen() {
	return (object) array( 'id' => World::$now->screen );
}
function wp_nonce_field( $action ) {
	echo '<input type="hidden" name="_wpnonce" value="nonce-of-' . $action . '">';
}
function check_admin_referer( $action ) {
	if ( 'valid' !== World::$now->referers ) {
		wp_die( 'The link you followed has expired.' );
	}
	World::$now->queries[] = "nonce $action";
}
function wp_die( $message = '', $title = '', $arguments = array() ) {
	World::$now->died = array( $message, isset( $arguments['response'] ) ? $arguments['response'] : 403 );
	throw new RequestEnded();
}
function wp_safe_redirect( $url ) {
	World::$now->redirect = $url;
	throw new RequestEnded();
}

function doing_filter( $name ) {
	return World::$now->doing === $name;
}
function get_queried_object_id() {
	return World::$now->page_id;
}

/* Terms and pictures. */
function get_terms( $query ) {
	$terms = array();
	foreach ( World::$now->categories as $id => $category ) {
		$terms[] = (object) array( 'term_id' => (string) $id, 'name' => $category[0] );
	}
	return $terms;
}
function get_term_children( $id, $taxonomy ) {
	return isset( World::$now->categories[ $id ] ) ? World::$now->categories[ $id ][1] : new WP_Error( 'invalid_taxonomy', 'gone' );
}
function has_term( $ids, $taxonomy, $post ) {
	return (bool) array_intersect( $ids, isset( World::$now->in[ $post ] ) ? World::$now->in[ $post ] : array() );
}
function wp_get_attachment_image_url( $id, $size ) {
	return isset( World::$now->images[ $id ] ) ? World::$now->images[ $id ] : false;
}
function get_post_meta( $id, $key, $single ) {
	if ( '_wp_attachment_image_alt' !== $key ) {
		throw new Exception( 'Orders are read by WooCommerce only' );
	}
	return "Picture \"$id\"";
}

/**
 * As WordPress: http(s), no user, no private address, and the ports of a filter. Names are not looked up here; one that ends
 * in .invalid is unknown.
 */
function wp_http_validate_url( $url ) {
	$parts = parse_url( $url );
	if ( ! $parts || empty( $parts['host'] ) || isset( $parts['user'] ) || ! in_array( $parts['scheme'], array( 'http', 'https' ), true ) ) {
		return false;
	}
	if ( preg_match( '/^(127\.|10\.|0\.|192\.168\.|172\.(1[6-9]|2\d|3[01])\.)|^localhost$|\.invalid$/', $parts['host'] ) ) {
		return false;
	}
	$ports = apply_filters( 'http_allowed_safe_ports', array( 80, 443, 8080 ), $parts['host'], $url );
	return ! isset( $parts['port'] ) || in_array( $parts['port'], $ports, true ) ? $url : false;
}

/* Networks of sites. */
function is_multisite() {
	return (bool) World::$now->sites;
}
function get_sites( $query ) {
	return array_keys( World::$now->sites );
}
function switch_to_blog( $id ) {
	World::$now->sites[ $id ] = true;
}
function restore_current_blog() {}

/** The table of options as far as the lock uses it, and deletions. */
class wpdb {
	public $options = 'wp_options';
	public $prefix  = 'wp_';

	public function prepare( $sql, ...$values ) {
		foreach ( $values as $value ) {
			$sql = preg_replace( '/%s/', "'" . addslashes( $value ) . "'", $sql, 1 );
		}
		return $sql;
	}
	public function query( $sql ) {
		if ( preg_match( "/^INSERT IGNORE INTO wp_options .* VALUES \('(\w+)', '(\d+)', 'no'\)$/", $sql, $found ) ) {
			if ( isset( World::$now->options[ $found[1] ] ) ) {
				return 0;
			}
			World::$now->options[ $found[1] ] = $found[2];
			return 1;
		}
		if ( preg_match( "/^UPDATE wp_options SET option_value = '(\d+)' WHERE option_name = '(\w+)' AND option_value < '(\d+)'$/", $sql, $found ) ) {
			if ( World::$now->options[ $found[2] ] < $found[3] ) {
				World::$now->options[ $found[2] ] = $found[1];
				return 1;
			}
			return 0;
		}
		throw new Exception( "Unknown statement: $sql" );
	}
	public function delete( $table, $where ) {
		World::$now->queries[] = "delete $table " . json_encode( $where );
		if ( $this->options === $table ) {
			unset( World::$now->options[ $where['option_name'] ] );
		}
		if ( 'wp_wc_webhooks' === $table ) {
			unset( World::$now->webhooks[ $where['webhook_id'] ] );
		}
	}
	public function suppress_errors( $on ) {
		return false;
	}
}
$GLOBALS['wpdb'] = new wpdb();
