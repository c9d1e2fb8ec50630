<?php
/** The folder that becomes the zip. */

const PLUGIN = __DIR__ . '/../selektable';

/** Paths of all files, sorted. */
function plugin_files() {
	$files = array();
	foreach ( new RecursiveIteratorIterator( new RecursiveDirectoryIterator( PLUGIN, FilesystemIterator::SKIP_DOTS ) ) as $file ) {
		$files[] = substr( $file->getPathname(), strlen( PLUGIN ) + 1 );
	}
	sort( $files );
	return $files;
}

function php_files() {
	return array_values( preg_grep( '/\.php$/', plugin_files() ) );
}

test( 'The plugin has these files and no others', function () {
	$expected = array( 'assets/selektable.js', 'connection.php' );
	foreach ( array( 'admin', 'button', 'front', 'health', 'identity', 'orders', 'settings', 'webhooks' ) as $part ) {
		$expected[] = "includes/class-selektable-$part.php";
	}
	same( array_merge( $expected, array( 'selektable.php', 'uninstall.php' ) ), plugin_files() );
} );

test( 'Every file is text and every PHP file is well-formed', function () {
	foreach ( plugin_files() as $file ) {
		same( 1, preg_match( '//u', file_get_contents( PLUGIN . "/$file" ) ), $file );
	}
	foreach ( php_files() as $file ) {
		exec( escapeshellarg( PHP_BINARY ) . ' -l ' . escapeshellarg( PLUGIN . "/$file" ) . ' 2>&1', $lines, $code );
		same( 0, $code, $file . ': ' . implode( ' ', $lines ) );
	}
} );

test( 'No PHP file does anything when it is called on its own', function () {
	foreach ( php_files() as $file ) {
		$guard = 'uninstall.php' === $file ? 'WP_UNINSTALL_PLUGIN' : 'ABSPATH';
		has( "defined( '$guard' ) || exit;", file_get_contents( PLUGIN . "/$file" ) );
		same( '', (string) shell_exec( escapeshellarg( PHP_BINARY ) . ' ' . escapeshellarg( PLUGIN . "/$file" ) . ' 2>&1' ), $file );
	}
} );

test( 'Nothing newer than PHP 7.4 is used', function () {
	$newer     = array( 'T_MATCH', 'T_NULLSAFE_OBJECT_OPERATOR', 'T_ATTRIBUTE', 'T_ENUM', 'T_READONLY' );
	$functions = array( 'str_contains', 'str_starts_with', 'str_ends_with', 'array_is_list', 'get_debug_type', 'array_find', 'mb_trim', 'json_validate' );
	foreach ( php_files() as $file ) {
		$tokens = token_get_all( file_get_contents( PLUGIN . "/$file" ) );
		foreach ( $tokens as $token ) {
			if ( is_array( $token ) ) {
				same( false, in_array( token_name( $token[0] ), $newer, true ), "$file line $token[2]: $token[1]" );
				same( false, T_STRING === $token[0] && in_array( $token[1], $functions, true ), "$file line $token[2]: $token[1]" );
			}
		}
		// Promoted constructor parameters, union types, `mixed` and `static` as types, catch without a variable, named arguments.
		$code = preg_replace( '~/\*.*?\*/|//[^\n]*~s', '', file_get_contents( PLUGIN . "/$file" ) );
		same( 0, preg_match( '/__construct\s*\([^)]*(public|private|protected)\s|catch\s*\(\s*\\\\?\w+\s*\)|\)\s*:\s*(mixed|static|\w+\|)|function\s*\w*\s*\([^)]*,\s*\)/', $code ), $file );
	}
} );

test( 'All words can be translated, and the header says version and licence', function () {
	$header = file_get_contents( PLUGIN . '/selektable.php' );
	has( 'License:              Apache-2.0', $header );
	has( 'Requires PHP:         7.4', $header );
	has( 'Text Domain:          selektable', $header );
	has( 'Version:              ' . SELEKTABLE_VERSION . "\n", $header );
	foreach ( php_files() as $file ) {
		preg_match_all( '/\b(?:esc_html|esc_attr)?__\(\s*\'(?:[^\'\\\\]|\\\\.)*\'\s*(,[^)]*)\)/', file_get_contents( PLUGIN . "/$file" ), $found );
		foreach ( $found[1] as $rest ) {
			same( ", 'selektable' ", $rest, $file );
		}
	}
} );

test( 'The repository\'s connection file knows no store', function () {
	same( array( 'host' => '', 'store_id' => '', 'widget_id' => '', 'webhook_secret' => '' ), include PLUGIN . '/connection.php' );
} );

test( 'Order tables and block checkout are declared as supported', function () {
	do_action( 'before_woocommerce_init' );
	same( array( 'custom_order_tables' => array( 'selektable.php', true ), 'cart_checkout_blocks' => array( 'selektable.php', true ) ), World::$now->compatible );
} );
