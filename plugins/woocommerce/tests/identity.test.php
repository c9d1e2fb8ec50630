<?php
/** Ids that browsers send. */

test( 'An id of 1 to 255 bytes is kept as it is', function () {
	foreach ( array( 'v_0123', 'a', str_repeat( 'a', 255 ), str_repeat( 'é', 127 ), ' spaces inside and around ', '"quotes"', "it's", '<b>', '00', 'anonymous-1', '12345' ) as $id ) {
		same( '00' === $id ? '' : $id, Selektable_Identity::id( $id ), $id );
	}
} );

test( 'Words that stand for nobody are no ids', function () {
	foreach ( array( '', '0', 'undefined', 'NULL', 'NaN', ' null ', 'Anonymous', '[object Object]', '00000000-0000-0000-0000-000000000000', '-', '   ' ) as $id ) {
		same( '', Selektable_Identity::id( $id ), "'$id'" );
	}
} );

test( 'Control characters, broken text, too long text and other types are no ids', function () {
	foreach ( array( "a\nb", "a\0", "\x7f", "a\r\nX-Header: 1", "\u{85}", "\xff\xfe", "a\xc3", str_repeat( 'a', 256 ), str_repeat( 'é', 128 ), array( 'v_1' ), 7, 1.5, true, null, new stdClass() ) as $id ) {
		same( '', Selektable_Identity::id( $id ) );
	}
} );

test( 'The cookie gives visitor and session', function () {
	$read = function ( $text ) {
		return Selektable_Identity::from_cookie( wp_slash( array( 'selektable_ids' => $text ) ) );
	};
	same( array( 'visitor_id' => 'v_1', 'session_id' => 's_1' ), $read( '["v_1","s_1"]' ) );
	same( array( 'visitor_id' => "it's \"me\" \\", 'session_id' => '' ), $read( json_encode( array( "it's \"me\" \\", '' ) ) ) );
	same( array( 'visitor_id' => 'v_1', 'session_id' => '' ), $read( '["v_1","null"]' ) );
} );

test( 'A garbled cookie is no cookie', function () {
	$garbage = array( '', 'v_1', '"v_1"', '[]', '["v_1"]', '["v_1","s_1","x"]', '{"0":"v_1","1":"s_1","2":1}', '{"v":"v_1","s":"s_1"}', '[["v_1"],"s_1"]', '[1,2]', '[null,"s_1"]', '["undefined","s_1"]', '["","s_1"]', '["a\u0000b","s_1"]', '["v_1","s_1"', '["' . str_repeat( 'a', 5000 ) . '",""]', "\xff", '[[[[[[]]]]]]', '<script>', str_repeat( '[', 4000 ) );
	foreach ( $garbage as $text ) {
		same( null, Selektable_Identity::from_cookie( wp_slash( array( 'selektable_ids' => $text ) ) ), $text );
	}
	same( null, Selektable_Identity::from_cookie( array( 'selektable_ids' => array( 'v_1', 's_1' ) ) ) );
	same( null, Selektable_Identity::from_cookie( array() ) );
} );
