<?php
/** Deleting the plugin. */

/** Deletes the plugin in a program of its own, as WordPress does, and gives what is left. */
function uninstall( $with_woocommerce, $setup = '' ) {
	$stubs = __DIR__ . '/stubs/';
	$code  = 'error_reporting( E_ALL ); require ' . var_export( $stubs . 'world.php', true ) . '; World::$now = new World(); require ' . var_export( $stubs . 'wordpress.php', true ) . ';'
		. ( $with_woocommerce ? 'require ' . var_export( $stubs . 'woocommerce.php', true ) . ';' : '' )
		. 'foreach ( unserialize( base64_decode( ' . var_export( base64_encode( serialize( array( World::$now->options, World::$now->webhooks, World::$now->cron ) ) ), true ) . ' ) ) as $i => $v ) { World::$now->{ array( "options", "webhooks", "cron" )[ $i ] } = $v; }'
		. $setup . 'define( "WP_UNINSTALL_PLUGIN", "selektable/selektable.php" ); require ' . var_export( __DIR__ . '/../selektable/uninstall.php', true ) . ';'
		. 'echo json_encode( array( World::$now->options, array_column( World::$now->webhooks, "topic" ), World::$now->cron, World::$now->sites ) );';
	return json_decode( (string) shell_exec( escapeshellarg( PHP_BINARY ) . ' -r ' . escapeshellarg( $code ) . ' 2>&1' ), true );
}

function installed() {
	World::$now->options['blogname'] = 'Shop';
	do_action( 'activate_selektable/selektable.php' );
	do_action( 'deleted_user', 1 );
	add_webhook( good( 'order.created', array( 'delivery_url' => 'https://erp.example/' ) ) );
	World::$now->cron[] = array( 'other_daily', array(), 'daily' );
}

test( 'Deleting the plugin removes its webhooks, options and daily look, and nothing else', function () {
	installed();
	same( array( array( 'blogname' => 'Shop' ), array( 'order.created' ), array( array( 'other_daily', array(), 'daily' ) ), array() ), uninstall( true ) );
} );

test( 'It removes them while WooCommerce is switched off, too', function () {
	installed();
	same( array( array( 'blogname' => 'Shop' ), array( 'order.created' ), array( array( 'other_daily', array(), 'daily' ) ), array() ), uninstall( false ) );
} );

test( 'In a network of sites it visits every site', function () {
	installed();
	same( array( 1 => true, 2 => true ), uninstall( true, 'World::$now->sites = array( 1 => false, 2 => false );' )[3] );
} );
