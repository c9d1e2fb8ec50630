<?php
/** Connection and choices, and what a form may send. */

/** A connection file as the dashboard's zip has it. */
function with_connection( array $values, callable $body ) {
	$file = tempnam( sys_get_temp_dir(), 'selektable' );
	file_put_contents( $file, '<?php return ' . var_export( $values, true ) . ';' );
	add_filter( 'selektable_connection_file', function () use ( $file ) {
		return $file;
	} );
	try {
		$body( $file );
	} finally {
		unlink( $file );
	}
}

test( 'Without settings the connection file\'s values are in force', function () {
	World::$now->options = array();
	with_connection( CONNECTION, function () {
		same( 'store_1', Selektable_Settings::get( 'store_id' ) );
		same( DELIVERY_URL, Selektable_Settings::delivery_url() );
		same( 'after_price', Selektable_Settings::get( 'placement' ) );
	} );
} );

test( 'Saved values win, but one that equals the file is not saved, so a newer file brings newer values', function () {
	World::$now->options = array();
	with_connection( CONNECTION, function ( $file ) {
		same( array(), Selektable_Settings::save( array( 'widget_id' => 'widget_9' ) + CONNECTION ) );
		file_put_contents( $file, '<?php return ' . var_export( array( 'webhook_secret' => 'new1new2new3new4', 'widget_id' => 'w' ) + CONNECTION, true ) . ';' );
		same( 'widget_9', Selektable_Settings::get( 'widget_id' ) );
		same( 'new1new2new3new4', Selektable_Settings::get( 'webhook_secret' ) );
	} );
} );

test( 'An emptied field falls back to the file, and an empty secret field keeps the secret', function () {
	with_connection( array( 'store_id' => 'store_of_file' ), function () {
		same( array(), Selektable_Settings::save( array( 'host' => 'https://selektable.example', 'store_id' => '' ) ) );
		same( 'store_of_file', Selektable_Settings::get( 'store_id' ) );
		same( CONNECTION['webhook_secret'], Selektable_Settings::get( 'webhook_secret' ) );
	} );
} );

test( 'Without host or store id nothing is connected', function () {
	foreach ( array( 'host', 'store_id' ) as $missing ) {
		fresh( array( $missing => '' ) );
		same( false, Selektable_Settings::is_connected() );
		same( '', Selektable_Settings::delivery_url() );
	}
} );

test( 'Of an address scheme, name and unusual port are kept', function () {
	$addresses = array(
		'https://Selektable.Example/'         => 'https://selektable.example',
		'selektable.example'                  => 'https://selektable.example',
		'https://selektable.example:443/x?y#' => 'https://selektable.example',
		'http://selektable.example:80'        => 'http://selektable.example',
		'https://selektable.example:8080/a'   => 'https://selektable.example:8080',
		' http://192.168.1.5:3000 '           => 'http://192.168.1.5:3000',
		'http://[::1]:3000/'                  => 'http://[::1]:3000',
	);
	foreach ( $addresses as $given => $kept ) {
		same( array(), Selektable_Settings::save( array( 'host' => $given ) + CONNECTION ), $given );
		same( $kept, Selektable_Settings::get( 'host' ), $given );
	}
} );

test( 'What can\'t be used is refused with a sentence and the old value stays', function () {
	$bad = array(
		'host'           => array( 'javascript:alert(1)', 'ftp://a.example', 'https://user:pw@a.example', 'https://', 'https://a b.example', 'https://a.example"><script>', "https://a.example'onload=", '//', 'http:///x', "https://a.example\nX: y/" ),
		'store_id'       => array( 'store 1', '"><script>', "a'b", '../x', str_repeat( 'a', 256 ), "store_1\n ö" ),
		'widget_id'      => array( '<b>', 'a/b' ),
		'webhook_secret' => array( 'cs_0123456789abcdef', 'ck_0123456789abcdef', str_repeat( 'a', 256 ), 'back\\slash', 'umläut', 'has space in it 123', 'quote"quote"quote"q', '<b>abcdefghijklmnop</b>', 'ampersand&ampersand' ),
	);
	foreach ( $bad as $name => $values ) {
		foreach ( $values as $value ) {
			$errors = Selektable_Settings::save( array( $name => $value ) + CONNECTION );
			same( array( $name ), array_keys( $errors ), $value );
			same( CONNECTION[ $name ], Selektable_Settings::get( $name ), $value );
		}
	}
} );

test( 'A secret of the merchant\'s own is taken as the server takes it', function () {
	foreach ( array( 's3cret', 'aB9-_.~!#$%()*+,/:;=?@[]^`{|}', str_repeat( 'a', 255 ) ) as $secret ) {
		same( array(), Selektable_Settings::save( array( 'webhook_secret' => " $secret " ) + CONNECTION ), $secret );
		same( $secret, Selektable_Settings::get( 'webhook_secret' ) );
	}
} );

test( 'Arrays, objects and missing fields in a form do no harm', function () {
	foreach ( array_merge( array_keys( CONNECTION ), array( 'placement', 'button_text', 'scope', 'consent', 'categories' ) ) as $name ) {
		foreach ( array( array( 'a' => array( 'b' ) ), array(), null, 1.5, true ) as $value ) {
			fresh();
			Selektable_Settings::save( array( $name => $value ) + CONNECTION );
			$kept = array( 'host' => '', 'store_id' => '', 'widget_id' => '', 'button_text' => '', 'categories' => array(), 'placement' => 'after_price', 'scope' => 'all', 'consent' => 'assumed' ) + CONNECTION;
			same( $kept[ $name ], Selektable_Settings::get( $name ), $name . ' ' . gettype( $value ) );
		}
	}
	Selektable_Settings::save( array() );
	same( array(), Selektable_Settings::get( 'categories' ) );
} );

test( 'Choices are one of those offered', function () {
	Selektable_Settings::save( array( 'placement' => 'after_title', 'scope' => 'categories', 'consent' => 'required' ) + CONNECTION );
	Selektable_Settings::save( array( 'placement' => 'wp_head', 'scope' => '', 'consent' => 'never' ) + CONNECTION );
	same( array( 'after_title', 'categories', 'required' ), array( Selektable_Settings::get( 'placement' ), Selektable_Settings::get( 'scope' ), Selektable_Settings::get( 'consent' ) ) );
	same( array_keys( Selektable_Button::PLACES ), array_slice( array_keys( Selektable_Settings::placements() ), 0, -1 ) );
} );

test( 'Categories are positive numbers, each once', function () {
	Selektable_Settings::save( array( 'categories' => array( '7', '7', 'x', '-3', array( 9 ), null, '0', '12abc' ) ) + CONNECTION );
	same( array( 7, 3, 12 ), Selektable_Settings::get( 'categories' ) );
} );

test( 'The button\'s text is plain and not too long, and its quotes stay', function () {
	Selektable_Settings::save( array( 'button_text' => " <b>Try</b> it's \"new\"\n " ) + CONNECTION );
	same( 'Try it\'s "new"', Selektable_Settings::get( 'button_text' ) );
	Selektable_Settings::save( array( 'button_text' => str_repeat( 'é', 200 ) ) + CONNECTION );
	same( str_repeat( 'é', 80 ), Selektable_Settings::get( 'button_text' ) );
} );

test( 'A broken option or connection file is as none', function () {
	foreach ( array( 'text', array( 'host' => array( 1 ), 'categories' => 'x', 'unknown' => 1 ), null ) as $broken ) {
		World::$now->options = array( 'selektable_settings' => $broken );
		same( array( '', array() ), array( Selektable_Settings::get( 'host' ), Selektable_Settings::get( 'categories' ) ) );
	}
	with_connection( array( 'host' => 'javascript:1', 'store_id' => 7, 'widget_id' => '<b>' ), function () {
		same( false, Selektable_Settings::is_connected() );
	} );
	add_filter( 'selektable_connection_file', function () {
		return '/nowhere/connection.php';
	} );
	same( false, Selektable_Settings::is_connected() );
} );
