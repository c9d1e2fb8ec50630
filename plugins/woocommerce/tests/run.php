<?php
/**
 * Runs the plugin's tests with nothing but PHP: `php run.php`. Ends with 1 if anything fails, PHP's own notices included.
 *
 * @package Selektable
 */

require __DIR__ . '/bootstrap.php';

$GLOBALS['tests'] = array();

/** Registers a test; its name is a sentence. */
function test( $name, callable $body ) {
	$GLOBALS['tests'][ $name ] = $body;
}

/** Fails unless both are the same. */
function same( $expected, $actual, $what = '' ) {
	if ( $expected !== $actual ) {
		throw new Exception( trim( "$what\n  expected " . var_export( $expected, true ) . "\n  got      " . var_export( $actual, true ) ) );
	}
}

/** Fails unless the text has the part. */
function has( $part, $text ) {
	if ( false === strpos( $text, $part ) ) {
		throw new Exception( "  expected to find $part\n  in $text" );
	}
}

/** Does what ends the request (a redirect, wp_die). */
function ends( callable $body ) {
	try {
		$body();
	} catch ( RequestEnded $end ) {
		return;
	}
	throw new Exception( 'The request went on' );
}

foreach ( glob( __DIR__ . '/*.test.php' ) as $file ) {
	require $file;
}

$failed = 0;
foreach ( $GLOBALS['tests'] as $name => $body ) {
	try {
		fresh();
		$body();
	} catch ( Throwable $problem ) {
		$failed++;
		printf( "FAILED %s\n%s\n  %s:%d\n", $name, $problem->getMessage(), basename( $problem->getFile() ), $problem->getLine() );
	}
}
printf( "plugin: %d tests, %d failed (PHP %s)\n", count( $GLOBALS['tests'] ), $failed, PHP_VERSION );
exit( $failed || count( $GLOBALS['tests'] ) < 60 ? 1 : 0 );
