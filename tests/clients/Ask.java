// SPDX-License-Identifier: LGPL-2.1-or-later
import java.net.URL;
import javax.net.ssl.HttpsURLConnection;

public class Ask {
	public static void main(String[] args) throws Exception {
		((HttpsURLConnection) new URL(args[0]).openConnection()).getResponseCode();
	}
}
