<?php
/**
 * Reading visitor and session ids that a browser sent.
 *
 * @package Selektable
 */

defined( 'ABSPATH' ) || exit;

/**
 * Ids as Selektable takes them. Everything here comes from outside; what is no id is '' from here on.
 */
class Selektable_Identity {

	/** The cookie that the plugin's script writes: a JSON array of visitor and session id. */
	const COOKIE = 'selektable_ids';

	/** Longest cookie that is looked at, in bytes: two ids of 255 bytes, escaped. */
	const COOKIE_BYTES_MAX = 4096;

	/**
	 * The id as it is, or '' if it can't be one: 1 to 255 bytes, no control characters, and none of the words that stand
	 * for nobody (they would make one visitor of many people).
	 *
	 * @param mixed $value What was sent.
	 * @return string
	 */
	public static function id( $value ) {
		if ( ! is_string( $value ) || '' === $value || strlen( $value ) > 255 ) {
			return '';
		}
		// Not valid UTF-8 makes preg_match() answer false, which is not 0 either.
		if ( 0 !== preg_match( '/\p{Cc}/u', $value ) ) {
			return '';
		}
		$nobody = '/^(undefined|null|nan|anonymous|0|\[object object\]|[0-]*)$/iD';
		return preg_match( $nobody, trim( $value ) ) ? '' : $value;
	}

	/**
	 * Visitor and session from two values, or null without a visitor.
	 *
	 * @param mixed $visitor What was sent as visitor id.
	 * @param mixed $session What was sent as session id.
	 * @return array|null visitor_id and session_id (which may be '').
	 */
	public static function pair( $visitor, $session ) {
		$visitor_id = self::id( $visitor );
		if ( '' === $visitor_id ) {
			return null;
		}
		return array(
			'visitor_id' => $visitor_id,
			'session_id' => self::id( $session ),
		);
	}

	/**
	 * Visitor and session from the cookie, or null.
	 *
	 * @param array $cookies The request's cookies, with the slashes WordPress adds.
	 */
	public static function from_cookie( array $cookies ) {
		$value = isset( $cookies[ self::COOKIE ] ) ? wp_unslash( $cookies[ self::COOKIE ] ) : '';
		if ( ! is_string( $value ) || strlen( $value ) > self::COOKIE_BYTES_MAX ) {
			return null;
		}
		$ids = json_decode( $value, true, 2 );
		if ( ! is_array( $ids ) || array( 0, 1 ) !== array_keys( $ids ) ) {
			return null;
		}
		return self::pair( $ids[0], $ids[1] );
	}

	/**
	 * Visitor and session from the fields of the classic checkout, or null.
	 *
	 * @param array $posted The request's form fields, with the slashes WordPress adds.
	 */
	public static function from_form( array $posted ) {
		$visitor = isset( $posted['selektable_visitor_id'] ) ? wp_unslash( $posted['selektable_visitor_id'] ) : '';
		$session = isset( $posted['selektable_session_id'] ) ? wp_unslash( $posted['selektable_session_id'] ) : '';
		return self::pair( $visitor, $session );
	}
}
