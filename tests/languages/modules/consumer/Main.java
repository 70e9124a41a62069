package consumer;

import com.phoenixcoupons.AdminToken;
import com.phoenixcoupons.CouponsClient;
import com.phoenixcoupons.CouponsException;
import com.phoenixcoupons.v1.ListRewardItemsRequest;

/** Mints a token, and calls where nobody listens. */
public class Main {
    public static void main(String[] arguments) {
        AdminToken token = new AdminToken("key", "k".repeat(43));
        try (CouponsClient client = CouponsClient.create("127.0.0.1:1", token)) {
            client.admin().listRewardItems(ListRewardItemsRequest.getDefaultInstance());
        } catch (CouponsException error) {
            System.out.println(error.getCode());
        }
    }
}
