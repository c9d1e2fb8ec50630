<?php
/**
 * WooCommerce > Selektable: settings, the state of each webhook, and the notice when something is wrong.
 *
 * @package Selektable
 */

defined( 'ABSPATH' ) || exit;

/**
 * The settings page.
 */
class Selektable_Admin {

	const PAGE = 'selektable';

	/** Who may see and do all of this. */
	const MAY = 'manage_woocommerce';

	/** Registers page, forms and notice. */
	public static function hook() {
		add_action( 'admin_menu', array( __CLASS__, 'menu' ), 60 );
		add_action( 'admin_post_selektable_save', array( __CLASS__, 'save' ) );
		add_action( 'admin_post_selektable_mend', array( __CLASS__, 'mend' ) );
		add_action( 'admin_notices', array( __CLASS__, 'notice' ) );
		add_filter( 'plugin_action_links_' . plugin_basename( SELEKTABLE_FILE ), array( __CLASS__, 'links' ) );
	}

	/** Adds the page below WooCommerce. */
	public static function menu() {
		add_submenu_page( 'woocommerce', 'Selektable', 'Selektable', self::MAY, self::PAGE, array( __CLASS__, 'page' ) );
	}

	/**
	 * A link in the list of plugins.
	 *
	 * @param array $links The links so far.
	 */
	public static function links( $links ) {
		array_unshift( $links, sprintf( '<a href="%s">%s</a>', esc_url( self::address() ), esc_html__( 'Settings', 'selektable' ) ) );
		return $links;
	}

	/** Takes the settings form. */
	public static function save() {
		self::guard( 'selektable_save' );
		// phpcs:ignore WordPress.Security.NonceVerification.Missing -- guard() has checked it.
		$errors = Selektable_Settings::save( wp_unslash( $_POST ) );
		if ( $errors ) {
			set_transient( self::errors_name(), $errors, MINUTE_IN_SECONDS );
		}
		Selektable_Health::mend_everything();
		self::back( 'saved' );
	}

	/** Takes the "mend" button. */
	public static function mend() {
		self::guard( 'selektable_mend' );
		Selektable_Health::mend_everything();
		self::back( 'mended' );
	}

	/** Says on every admin page what keeps orders from arriving; the settings page says it itself. */
	public static function notice() {
		$screen   = get_current_screen();
		$problems = Selektable_Health::known();
		if ( ! current_user_can( self::MAY ) || ! $problems || ( $screen && 'woocommerce_page_' . self::PAGE === $screen->id ) ) {
			return;
		}
		echo '<div class="notice notice-error"><p><strong>Selektable</strong></p>';
		self::list_problems( $problems );
		printf( '<p><a href="%s">%s</a></p></div>', esc_url( self::address() ), esc_html__( 'Open the settings of Selektable', 'selektable' ) );
	}

	/** The page. */
	public static function page() {
		if ( ! current_user_can( self::MAY ) ) {
			return;
		}
		echo '<div class="wrap"><h1>Selektable</h1>';
		self::answer();
		self::settings_form();
		self::state();
		echo '</div>';
	}

	/** What came of the form that was sent last. */
	private static function answer() {
		$errors = get_transient( self::errors_name() );
		delete_transient( self::errors_name() );
		// phpcs:ignore WordPress.Security.NonceVerification.Recommended -- only chooses a sentence.
		$done = isset( $_GET['selektable'] ) ? $_GET['selektable'] : '';
		if ( is_array( $errors ) && $errors ) {
			printf( '<div class="notice notice-error"><p>%s</p><ul>', esc_html__( 'Saved, except for these:', 'selektable' ) );
			foreach ( $errors as $error ) {
				printf( '<li>%s</li>', esc_html( $error ) );
			}
			echo '</ul></div>';
		} elseif ( 'saved' === $done ) {
			printf( '<div class="notice notice-success"><p>%s</p></div>', esc_html__( 'Saved.', 'selektable' ) );
		} elseif ( 'mended' === $done ) {
			printf( '<div class="notice notice-success"><p>%s</p></div>', esc_html__( 'Checked. The state below is as of now.', 'selektable' ) );
		}
	}

	/** The settings. */
	private static function settings_form() {
		$settings = Selektable_Settings::all();
		printf( '<form method="post" action="%s">', esc_url( admin_url( 'admin-post.php' ) ) );
		echo '<input type="hidden" name="action" value="selektable_save">';
		wp_nonce_field( 'selektable_save' );
		printf( '<h2>%s</h2><p>%s</p><table class="form-table" role="presentation">', esc_html__( 'Connection', 'selektable' ), esc_html__( 'From the dashboard of Selektable, where WooCommerce is connected. A plugin downloaded there has them already.', 'selektable' ) );
		self::text_row( 'host', __( 'Address of Selektable', 'selektable' ), $settings['host'] );
		self::text_row( 'store_id', __( 'Store id', 'selektable' ), $settings['store_id'] );
		self::text_row( 'widget_id', __( 'Widget id', 'selektable' ), $settings['widget_id'] );
		$hint = '' === $settings['webhook_secret'] ? __( 'None yet.', 'selektable' ) : __( 'There is one. Leave this empty to keep it.', 'selektable' );
		self::row( 'webhook_secret', __( 'Webhook secret', 'selektable' ), '<input type="password" class="regular-text" id="selektable-webhook_secret" name="webhook_secret" value="" autocomplete="new-password">', $hint );
		printf( '</table><h2>%s</h2><table class="form-table" role="presentation">', esc_html__( 'Button', 'selektable' ) );
		self::row( 'placement', __( 'Where it stands on a product page', 'selektable' ), self::select( 'placement', Selektable_Settings::placements(), $settings['placement'] ) );
		self::text_row( 'button_text', __( 'Text', 'selektable' ), $settings['button_text'], __( 'Empty for "See it in your own photo", in the language of the page.', 'selektable' ) );
		$scopes = array( 'all' => __( 'All products', 'selektable' ), 'categories' => __( 'Products of these categories, and of those below them', 'selektable' ) );
		self::row( 'scope', __( 'On which products', 'selektable' ), self::select( 'scope', $scopes, $settings['scope'] ) . self::categories( $settings['categories'] ) );
		printf( '</table><h2>%s</h2><table class="form-table" role="presentation">', esc_html__( 'Consent', 'selektable' ) );
		$consents = array( 'assumed' => __( 'Remember visitors unless they refuse', 'selektable' ), 'required' => __( 'Remember visitors only after they agreed', 'selektable' ) );
		self::row( 'consent', __( 'Visitors', 'selektable' ), self::select( 'consent', $consents, $settings['consent'] ), __( 'Your consent banner tells the answer with Selektable.consent(true) or Selektable.consent(false).', 'selektable' ) );
		echo '</table>';
		printf( '<p class="submit"><button type="submit" class="button button-primary">%s</button></p></form>', esc_html__( 'Save', 'selektable' ) );
	}

	/** What is wrong, each webhook, and the button that mends. */
	private static function state() {
		printf( '<h2>%s</h2>', esc_html__( 'Orders', 'selektable' ) );
		$problems = array_merge( Selektable_Health::problems(), array_filter( Selektable_Health::known(), array( __CLASS__, 'is_of_the_past' ) ) );
		if ( $problems ) {
			echo '<div class="notice notice-error inline">';
			self::list_problems( $problems );
			echo '</div>';
		} else {
			printf( '<p>%s</p>', esc_html__( 'Everything is in place: new orders, changes, refunds and deletions are sent to Selektable.', 'selektable' ) );
		}
		if ( Selektable_Webhooks::can_exist() ) {
			self::table();
		}
	}

	/** The webhooks. */
	private static function table() {
		printf( '<table class="widefat striped"><thead><tr><th scope="col">%s</th><th scope="col">%s</th></tr></thead><tbody>', esc_html__( 'Webhook', 'selektable' ), esc_html__( 'State', 'selektable' ) );
		foreach ( Selektable_Webhooks::inspect() as $topic => $webhook ) {
			$name   = esc_html( $topic );
			$states = array_map( array( __CLASS__, 'state_word' ), $webhook['faults'] );
			if ( $webhook['id'] ) {
				$edit = admin_url( 'admin.php?page=wc-settings&tab=advanced&section=webhooks&edit-webhook=' . $webhook['id'] );
				$name = sprintf( '<a href="%s">%s</a>', esc_url( $edit ), $name );
			}
			printf( '<tr><td>%s</td><td>%s</td></tr>', $name, esc_html( $states ? implode( ', ', $states ) : __( 'active', 'selektable' ) ) ); // phpcs:ignore WordPress.Security.EscapeOutput.OutputNotEscaped -- escaped above.
		}
		printf( '</tbody></table><form method="post" action="%s">', esc_url( admin_url( 'admin-post.php' ) ) );
		echo '<input type="hidden" name="action" value="selektable_mend">';
		wp_nonce_field( 'selektable_mend' );
		printf( '<p><button type="submit" class="button">%s</button></p></form>', esc_html__( 'Check and mend', 'selektable' ) );
	}

	/**
	 * True for a problem that inspecting can't show any more: it was mended, or only a ping finds it.
	 *
	 * @param array $problem The problem.
	 */
	private static function is_of_the_past( $problem ) {
		if ( 'unreachable' === $problem['code'] ) {
			return true;
		}
		$now = Selektable_Webhooks::can_exist() ? Selektable_Webhooks::inspect() : array();
		return in_array( $problem['code'], Selektable_Health::COST_ORDERS, true )
			&& isset( $now[ $problem['topic'] ] ) && ! in_array( $problem['code'], $now[ $problem['topic'] ]['faults'], true );
	}

	/**
	 * Writes problems as a list.
	 *
	 * @param array $problems As Selektable_Health gives them.
	 */
	private static function list_problems( array $problems ) {
		echo '<ul>';
		foreach ( array_unique( array_map( array( __CLASS__, 'sentence' ), $problems ) ) as $sentence ) {
			printf( '<li>%s</li>', esc_html( $sentence ) );
		}
		echo '</ul>';
	}

	/**
	 * A problem in words.
	 *
	 * @param array $problem code, topic, detail, since.
	 */
	private static function sentence( array $problem ) {
		$topic  = $problem['topic'];
		$detail = $problem['detail'];
		$date   = wp_date( get_option( 'date_format' ) . ' ' . get_option( 'time_format' ), (int) $problem['since'] );
		switch ( $problem['code'] ) {
			case 'not_connected':
				return __( 'The plugin is not connected yet: address, store id and webhook secret are needed. Copy them from the dashboard of Selektable.', 'selektable' );
			case 'no_woocommerce':
				return __( 'WooCommerce is not active, so there are no orders to send.', 'selektable' );
			case 'refused_port':
				/* translators: %s: an address. */
				return sprintf( __( 'WordPress refuses to call %s because of its port: only 80, 443 and 8080 are allowed. Put Selektable behind one of them, so that orders can be sent.', 'selektable' ), $detail );
			case 'refused_address':
				/* translators: %s: an address. */
				return sprintf( __( 'WordPress refuses to call %s: the name is not known, or it is a private address (such as 192.168.… or localhost). Use a public address, so that orders can be sent.', 'selektable' ), $detail );
			case 'mixed_content':
				/* translators: %s: an address. */
				return sprintf( __( 'The shop uses https, %s does not: browsers will not load its script. Use an https address.', 'selektable' ), $detail );
			case 'unreachable':
				/* translators: %s: an error message of WooCommerce. */
				return sprintf( __( 'Selektable could not be reached. WooCommerce says: %s', 'selektable' ), $detail );
			case 'disabled':
				/* translators: 1: webhook topic, 2: date. */
				return sprintf( __( 'WooCommerce switched the webhook %1$s off (noticed %2$s) because Selektable did not answer several times. What happened until it was on again was not sent and will not be: import those orders in the dashboard of Selektable, then press "Check and mend".', 'selektable' ), $topic, $date );
			case 'owner':
				/* translators: 1: webhook topic, 2: date. */
				return sprintf( __( 'The user who owned the webhook %1$s is gone or may not read orders any more (noticed %2$s), so WooCommerce sent errors instead of orders. Import the orders of that time in the dashboard of Selektable, then press "Check and mend".', 'selektable' ), $topic, $date );
			default:
				/* translators: 1: webhook topic, 2: what is wrong with it. */
				return sprintf( __( 'The webhook %1$s: %2$s. Press "Check and mend".', 'selektable' ), $topic, self::state_word( $problem['code'] ) );
		}
	}

	/**
	 * A webhook's fault in a few words.
	 *
	 * @param string $fault As Selektable_Webhooks::inspect() gives it.
	 */
	private static function state_word( $fault ) {
		$words = array(
			'missing'  => __( 'missing', 'selektable' ),
			'paused'   => __( 'paused by hand', 'selektable' ),
			'disabled' => __( 'switched off after failures', 'selektable' ),
			'url'      => __( 'sends to another address', 'selektable' ),
			'secret'   => __( 'has another secret', 'selektable' ),
			'owner'    => __( 'its owner may not read orders', 'selektable' ),
			'version'  => __( 'sends another version of the order', 'selektable' ),
			'twice'    => __( 'there is a second one', 'selektable' ),
		);
		return isset( $words[ $fault ] ) ? $words[ $fault ] : $fault;
	}

	/**
	 * A row of the form with a text field.
	 *
	 * @param string $name  The setting.
	 * @param string $label Its label.
	 * @param string $value Its value.
	 * @param string $hint  What to know about it.
	 */
	private static function text_row( $name, $label, $value, $hint = '' ) {
		$input = sprintf( '<input type="text" class="regular-text" id="selektable-%1$s" name="%1$s" value="%2$s">', esc_attr( $name ), esc_attr( $value ) );
		self::row( $name, $label, $input, $hint );
	}

	/**
	 * A row of the form.
	 *
	 * @param string $name    The setting.
	 * @param string $label   Its label.
	 * @param string $control Its control as HTML.
	 * @param string $hint    What to know about it.
	 */
	private static function row( $name, $label, $control, $hint = '' ) {
		$hint = '' === $hint ? '' : '<p class="description">' . esc_html( $hint ) . '</p>';
		// phpcs:ignore WordPress.Security.EscapeOutput.OutputNotEscaped -- controls and hint were escaped where they were made.
		printf( '<tr><th scope="row"><label for="selektable-%s">%s</label></th><td>%s%s</td></tr>', esc_attr( $name ), esc_html( $label ), $control, $hint );
	}

	/**
	 * A choice.
	 *
	 * @param string $name    The setting.
	 * @param array  $options Value to label.
	 * @param string $chosen  The value in force.
	 */
	private static function select( $name, array $options, $chosen ) {
		$html = '';
		foreach ( $options as $value => $label ) {
			$html .= sprintf( '<option value="%s"%s>%s</option>', esc_attr( $value ), $value === $chosen ? ' selected' : '', esc_html( $label ) );
		}
		return sprintf( '<select id="selektable-%1$s" name="%1$s">%2$s</select>', esc_attr( $name ), $html );
	}

	/**
	 * A box for each product category.
	 *
	 * @param array $chosen Ids of the chosen ones.
	 */
	private static function categories( array $chosen ) {
		$terms = get_terms( array( 'taxonomy' => 'product_cat', 'hide_empty' => false ) );
		$html  = '';
		foreach ( is_array( $terms ) ? $terms : array() as $term ) {
			$checked = in_array( (int) $term->term_id, $chosen, true ) ? ' checked' : '';
			$html   .= sprintf( '<label><input type="checkbox" name="categories[]" value="%d"%s> %s</label><br>', (int) $term->term_id, $checked, esc_html( $term->name ) );
		}
		return '' === $html ? '' : '<fieldset><legend class="screen-reader-text">' . esc_html__( 'Categories', 'selektable' ) . '</legend>' . $html . '</fieldset>';
	}

	/**
	 * Lets only who may and who pressed our own button go on.
	 *
	 * @param string $action Which form.
	 */
	private static function guard( $action ) {
		if ( ! current_user_can( self::MAY ) ) {
			wp_die( esc_html__( 'You may not change these settings.', 'selektable' ), '', array( 'response' => 403 ) );
		}
		check_admin_referer( $action );
	}

	/**
	 * Back to the page.
	 *
	 * @param string $done What was done.
	 */
	private static function back( $done ) {
		wp_safe_redirect( add_query_arg( 'selektable', $done, self::address() ) );
		exit;
	}

	/** The page's address. */
	private static function address() {
		return admin_url( 'admin.php?page=' . self::PAGE );
	}

	/** Where a user's refused fields wait for the next page. */
	private static function errors_name() {
		return 'selektable_errors_' . get_current_user_id();
	}
}
