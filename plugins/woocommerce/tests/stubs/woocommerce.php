<?php
/**
 * The classes of WooCommerce that the plugin uses. Methods that it does not use are missing, so using one shows.
 *
 * @package Selektable
 */

namespace Automattic\WooCommerce\Utilities {
	class FeaturesUtil {
		public static function declare_compatibility( $feature, $file, $positive ) {
			\World::$now->compatible[ $feature ] = array( basename( $file ), $positive );
		}
	}
}

namespace Automattic\WooCommerce\StoreApi\Schemas\V1 {
	class CheckoutSchema {
		const IDENTIFIER = 'checkout';
	}
}

namespace {
	function woocommerce_store_api_register_endpoint_data( $endpoint ) {
		World::$now->endpoints[] = $endpoint;
	}
	function wc_get_product( $id ) {
		return isset( World::$now->products[ $id ] ) ? World::$now->products[ $id ] : false;
	}
	function WC() {
		return (object) array( 'version' => World::$now->version );
	}
	function is_product() {
		return isset( World::$now->products[ World::$now->page_id ] );
	}
	function wc_get_cart_url() {
		return World::$now->home . '/cart/';
	}
	function wc_get_checkout_url() {
		return World::$now->home . '/checkout/';
	}
	function wc_get_webhook( $id ) {
		return isset( World::$now->webhooks[ $id ] ) ? new WC_Webhook( $id ) : null;
	}

	class WC_AJAX {
		public static function get_endpoint( $name ) {
			return "/?wc-ajax=$name";
		}
	}

	class WC_Data_Store {
		public static function load( $kind ) {
			return new self();
		}
		public function get_webhooks_ids() {
			return array_reverse( array_keys( World::$now->webhooks ) );
		}
	}

	/** A webhook, which is a row only after save(). */
	class WC_Webhook {
		private $id;
		private $row = array( 'status' => 'disabled', 'delivery_url' => '', 'secret' => '', 'name' => '', 'topic' => '', 'failure_count' => 0, 'user_id' => 0, 'api_version' => 3, 'pending_delivery' => false );
		private $moved = false;

		public function __construct( $id = 0 ) {
			$this->id = $id;
			if ( $id ) {
				$this->row = World::$now->webhooks[ $id ];
			}
		}
		public function get_id() {
			return $this->id;
		}
		public function get_name( $context ) {
			return $this->row['name'];
		}
		public function get_topic( $context ) {
			return $this->row['topic'];
		}
		public function get_status( $context ) {
			return $this->row['status'];
		}
		public function get_secret( $context ) {
			return $this->row['secret'];
		}
		public function get_delivery_url( $context ) {
			return $this->row['delivery_url'];
		}
		public function get_user_id( $context ) {
			// Text, as the database gives it.
			return (string) $this->row['user_id'];
		}
		public function get_api_version( $context ) {
			return $this->row['api_version'] > 0 ? 'wp_api_v' . $this->row['api_version'] : 'legacy_v3';
		}
		public function set_name( $value ) {
			$this->row['name'] = $value;
		}
		public function set_topic( $value ) {
			$this->row['topic'] = $value;
		}
		public function set_delivery_url( $value ) {
			$this->moved = $this->moved || $value !== $this->row['delivery_url'];

			$this->row['delivery_url'] = $value;
		}
		public function set_secret( $value ) {
			$this->row['secret'] = $value;
		}
		public function set_api_version( $value ) {
			$this->row['api_version'] = $value;
		}
		public function set_user_id( $value ) {
			$this->row['user_id'] = $value;
		}
		public function set_status( $value ) {
			$this->row['status'] = $value;
		}
		public function set_failure_count( $value ) {
			$this->row['failure_count'] = $value;
		}
		public function set_pending_delivery( $value ) {
			$this->row['pending_delivery'] = $value;
		}
		public function save() {
			$is_new = ! $this->id;
			if ( $is_new ) {
				$this->id = World::$now->next_id++;
				// False is what it was before, which WooCommerce does not take for a change.
				$this->row['pending_delivery'] = true;
			}
			World::$now->webhooks[ $this->id ] = $this->row;
			if ( ! $is_new && 'active' === $this->row['status'] && ( $this->moved || $this->row['pending_delivery'] ) ) {
				$this->deliver_ping();
			}
			$this->moved = false;
		}
		public function delete( $force ) {
			unset( World::$now->webhooks[ $this->id ] );
		}
		public function deliver_ping() {
			World::$now->pings[] = $this->id;
			return true === World::$now->answer ? true : new WP_Error( 'error', World::$now->answer );
		}
	}

	/** An order: meta data by WooCommerce's own methods, nothing else. */
	class WC_Order {
		public $meta = array();
		public function get_meta( $key, $single ) {
			return isset( $this->meta[ $key ] ) ? $this->meta[ $key ] : '';
		}
		public function update_meta_data( $key, $value ) {
			$this->meta[ $key ] = $value;
		}
	}

	class WP_REST_Request {
		private $body;
		public function __construct( $body ) {
			$this->body = $body;
		}
		public function get_body() {
			return $this->body;
		}
		/** What is registered of the request's extensions, as WooCommerce leaves it. */
		public function get_param( $name ) {
			$body = json_decode( $this->body, true );
			if ( 'extensions' !== $name || ! isset( $body['extensions'] ) || ! is_array( $body['extensions'] ) ) {
				return null;
			}
			return array_intersect_key( $body['extensions'], array_flip( array_column( World::$now->endpoints, 'namespace' ) ) );
		}
	}

	/** A product or variation, from an array. */
	class WC_Product {
		private $data;
		public function __construct( array $data ) {
			$this->data                          = $data + array( 'type' => 'simple', 'parent' => 0, 'image' => 0, 'gallery' => array(), 'in_stock' => true, 'purchasable' => true, 'variations' => array(), 'attributes' => array() );
			World::$now->products[ $data['id'] ] = $this;
		}
		public function get_id() {
			return $this->data['id'];
		}
		public function get_parent_id() {
			return $this->data['parent'];
		}
		public function get_name() {
			return $this->data['name'];
		}
		public function get_permalink() {
			return World::$now->home . '/product/' . $this->data['id'] . '/?a=1&b=2';
		}
		public function get_image_id() {
			// Text, as WooCommerce gives it.
			return (string) $this->data['image'];
		}
		public function get_gallery_image_ids() {
			return $this->data['gallery'];
		}
		public function is_in_stock() {
			return $this->data['in_stock'];
		}
		public function is_purchasable() {
			return $this->data['purchasable'];
		}
		public function is_type( $types ) {
			return in_array( $this->data['type'], (array) $types, true );
		}
		public function get_available_variations( $kind ) {
			if ( 'objects' !== $kind ) {
				throw new Exception( 'Arrays render each variation' );
			}
			return $this->data['variations'];
		}
		public function get_variation_attributes() {
			return $this->data['attributes'];
		}
	}
}
