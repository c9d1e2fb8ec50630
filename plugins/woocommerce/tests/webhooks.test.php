<?php
/** One webhook per topic, always. */

const TOPICS = array( 'order.created', 'order.updated', 'order.deleted', 'order.restored' );

/** A webhook as it should be. */
function good( $topic, array $more = array() ) {
	return $more + array( 'status' => 'active', 'delivery_url' => DELIVERY_URL, 'secret' => CONNECTION['webhook_secret'], 'name' => "Selektable: $topic", 'topic' => $topic, 'failure_count' => 0, 'user_id' => 1, 'api_version' => 3, 'pending_delivery' => false );
}

/** Adds a webhook and gives its id. */
function add_webhook( array $row ) {
	$id                          = World::$now->next_id++;
	World::$now->webhooks[ $id ] = $row;
	return $id;
}

/** All webhooks, by id. */
function webhooks() {
	ksort( World::$now->webhooks );
	return World::$now->webhooks;
}

/** The four as they should be. */
function all_good() {
	return array_combine( range( 1, 4 ), array_map( 'good', TOPICS ) );
}

test( 'The plugin makes four webhooks with the store\'s address and secret', function () {
	same( true, Selektable_Webhooks::mend() );
	same( all_good(), webhooks() );
	same( false, isset( World::$now->options['selektable_webhooks_lock'] ) );
} );

test( 'Doing it again changes nothing and pings nobody', function () {
	Selektable_Webhooks::mend();
	Selektable_Webhooks::mend();
	same( all_good(), webhooks() );
	same( array(), World::$now->pings );
} );

test( 'Whatever is wrong with a webhook is named and mended', function () {
	$wrong = array(
		'paused'   => array( 'status' => 'paused' ),
		'disabled' => array( 'status' => 'disabled', 'failure_count' => 6 ),
		'url'      => array( 'delivery_url' => 'https://elsewhere.example/hook' ),
		'secret'   => array( 'secret' => 'another' ),
		'owner'    => array( 'user_id' => 99 ),
		'version'  => array( 'api_version' => -1 ),
	);
	foreach ( $wrong as $fault => $change ) {
		fresh();
		Selektable_Webhooks::mend();
		World::$now->webhooks[2] = array_replace( World::$now->webhooks[2], $change );
		same( array( 'id' => 2, 'faults' => array( $fault ) ), Selektable_Webhooks::inspect()['order.updated'] );
		Selektable_Webhooks::mend();
		same( all_good(), webhooks(), $fault );
		same( array(), Selektable_Webhooks::inspect()['order.updated']['faults'] );
	}
} );

test( 'A webhook that was deleted is made again, the others stay', function () {
	Selektable_Webhooks::mend();
	unset( World::$now->webhooks[3] );
	same( array( 'id' => 0, 'faults' => array( 'missing' ) ), Selektable_Webhooks::inspect()['order.deleted'] );
	Selektable_Webhooks::mend();
	same( array( 1, 2, 4, 5 ), array_keys( webhooks() ) );
	same( good( 'order.deleted' ), webhooks()[5] );
} );

test( 'A paused webhook stays paused where only the rest is to be mended', function () {
	Selektable_Webhooks::mend();
	World::$now->webhooks[1] = array_replace( World::$now->webhooks[1], array( 'status' => 'paused', 'secret' => 'old' ) );
	World::$now->webhooks[2]['status'] = 'disabled';
	Selektable_Webhooks::mend( false );
	same( array( 'paused', 'old', 'active' ), array( webhooks()[1]['status'], webhooks()[1]['secret'], webhooks()[2]['status'] ) );
} );

test( 'When the store moves to another server its webhooks move with it', function () {
	Selektable_Webhooks::mend();
	Selektable_Settings::save( array( 'host' => 'https://new.example', 'webhook_secret' => 'another1another1' ) + CONNECTION );
	Selektable_Webhooks::mend();
	same( 4, count( webhooks() ) );
	foreach ( webhooks() as $webhook ) {
		same( array( 'https://new.example/api/webhooks/woocommerce/store_1/orders', 'another1another1' ), array( $webhook['delivery_url'], $webhook['secret'] ) );
	}
} );

test( 'Webhooks that were set up by hand are taken over, whatever their slash or case', function () {
	add_webhook( good( 'order.created', array( 'name' => 'By hand', 'delivery_url' => 'https://Selektable.example/api/webhooks/woocommerce/orders/' ) ) );
	add_webhook( good( 'order.updated', array( 'name' => 'Also', 'delivery_url' => DELIVERY_URL . '/' ) ) );
	Selektable_Webhooks::mend();
	same( TOPICS, array_column( webhooks(), 'topic' ) );
	same( array( 'By hand', 'Also' ), array_slice( array_column( webhooks(), 'name' ), 0, 2 ) );
	same( array_fill( 0, 4, DELIVERY_URL ), array_column( webhooks(), 'delivery_url' ) );
} );

test( 'Second copies are removed and the one that is remembered is kept', function () {
	Selektable_Webhooks::mend();
	add_webhook( good( 'order.created' ) );
	$early = World::$now->webhooks[1];
	World::$now->options['selektable_webhooks']['order.updated'] = add_webhook( good( 'order.updated' ) );
	same( array( 'id' => 1, 'faults' => array( 'twice' ) ), Selektable_Webhooks::inspect()['order.created'] );
	Selektable_Webhooks::mend();
	same( array( 1, 3, 4, 6 ), array_keys( webhooks() ) );
	same( $early, webhooks()[1] );
} );

test( 'Of copies that nobody remembers the oldest is kept', function () {
	add_webhook( good( 'order.created', array( 'name' => 'First' ) ) );
	add_webhook( good( 'order.created', array( 'name' => 'Second' ) ) );
	Selektable_Webhooks::mend();
	same( 4, count( webhooks() ) );
	same( 'First', webhooks()[1]['name'] );
} );

test( 'Other people\'s webhooks are left alone', function () {
	$others = array(
		add_webhook( good( 'order.created', array( 'delivery_url' => 'https://erp.example/hook' ) ) ),
		add_webhook( good( 'customer.created' ) ),
		add_webhook( good( 'order.created', array( 'delivery_url' => str_replace( 'store_1', 'store_2', DELIVERY_URL ) ) ) ),
	);
	$before = webhooks();
	Selektable_Webhooks::mend();
	Selektable_Webhooks::remove();
	same( $before, webhooks() );
	same( $others, array_keys( webhooks() ) );
} );

test( 'A remembered webhook that was made into something else is not touched', function () {
	Selektable_Webhooks::mend();
	World::$now->webhooks[1]['topic'] = 'product.updated';
	Selektable_Webhooks::mend();
	same( 'product.updated', webhooks()[1]['topic'] );
	same( good( 'order.created' ), webhooks()[5] );
} );

test( 'Who is logged in owns the webhooks, else the first user who may', function () {
	World::$now->users = array( 10 => array(), 3 => array( 'manage_woocommerce' ), 5 => MAY_OWN, 8 => MAY_OWN );
	foreach ( array( 8 => 8, 10 => 5, 3 => 5, 0 => 5 ) as $here => $owner ) {
		World::$now->user     = $here;
		World::$now->webhooks = array();
		Selektable_Webhooks::mend();
		same( array_fill( 0, 4, $owner ), array_column( webhooks(), 'user_id' ), "user $here" );
	}
} );

test( 'An owner who still may is kept when somebody else mends', function () {
	World::$now->users[5] = MAY_OWN;
	Selektable_Webhooks::mend();
	World::$now->user                  = 5;
	World::$now->webhooks[1]['status'] = 'disabled';
	Selektable_Webhooks::mend();
	same( all_good(), webhooks() );
	same( array( true, false ), array( Selektable_Webhooks::is_owner( 1 ), Selektable_Webhooks::is_owner( 5 ) ) );
} );

test( 'Without a secret, a store or anybody to own them no webhook is made', function () {
	foreach ( array( 'webhook_secret', 'store_id', 'host' ) as $missing ) {
		fresh( array( $missing => '' ) );
		same( false, Selektable_Webhooks::mend(), $missing );
		same( array(), webhooks() );
	}
	fresh();
	World::$now->users = array( 1 => array( 'manage_woocommerce' ) );
	same( false, Selektable_Webhooks::mend() );
	same( array(), webhooks() );
} );

test( 'Two requests at once make one set; a lock left behind holds for a while only', function () {
	World::$now->options['selektable_webhooks_lock'] = (string) time();
	same( false, Selektable_Webhooks::mend() );
	same( array(), webhooks() );
	World::$now->options['selektable_webhooks_lock'] = (string) ( time() - 200 );
	same( true, Selektable_Webhooks::mend() );
	same( all_good(), webhooks() );
} );

test( 'The lock is given back when something goes wrong inside', function () {
	World::$now->options['selektable_webhooks'] = 'broken';
	World::$now->webhooks[9]                    = array( 'topic' => 'order.created' );
	try {
		Selektable_Webhooks::mend();
	} catch ( ErrorException $broken ) {
		same( false, isset( World::$now->options['selektable_webhooks_lock'] ) );
		return;
	}
	throw new Exception( 'A webhook without a row should have failed' );
} );

test( 'A ping tells what WooCommerce says', function () {
	same( '', Selektable_Webhooks::ping() );
	Selektable_Webhooks::mend();
	same( '', Selektable_Webhooks::ping() );
	World::$now->answer = 'Error: Delivery URL returned response code: 502';
	same( World::$now->answer, Selektable_Webhooks::ping() );
	same( array( 1, 1 ), World::$now->pings );
} );
