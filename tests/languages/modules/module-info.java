module consumer {
    requires com.phoenixcoupons.client;
}
