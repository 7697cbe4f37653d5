// java Client.java PORT CA VERSION PKCS12|-: a GET with HttpsURLConnection; prints the suite and the page.
import java.io.FileInputStream;
import java.net.URI;
import java.security.KeyStore;
import java.security.cert.CertificateFactory;
import javax.net.ssl.HttpsURLConnection;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;

public class Client {
  public static void main(String[] args) throws Exception {
    System.setProperty("jdk.tls.client.protocols", "TLSv" + args[2]);
    System.setProperty("jdk.tls.client.cipherSuites",
        "TLS_AES_128_GCM_SHA256,TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256,TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256");
    KeyStore roots = KeyStore.getInstance(KeyStore.getDefaultType());
    roots.load(null, null);
    try (FileInputStream in = new FileInputStream(args[1])) {
      roots.setCertificateEntry("ca", CertificateFactory.getInstance("X.509").generateCertificate(in));
    }
    TrustManagerFactory trust = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
    trust.init(roots);
    KeyManagerFactory keys = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
    KeyStore own = KeyStore.getInstance("PKCS12");
    if (args[3].equals("-")) {
      own.load(null, null);
    } else {
      try (FileInputStream in = new FileInputStream(args[3])) {
        own.load(in, "secret".toCharArray());
      }
    }
    keys.init(own, "secret".toCharArray());
    SSLContext context = SSLContext.getInstance("TLS");
    context.init(keys.getKeyManagers(), trust.getTrustManagers(), null);
    var connection = (HttpsURLConnection) URI.create("https://localhost:" + args[0] + "/").toURL().openConnection();
    connection.setSSLSocketFactory(context.getSocketFactory());
    byte[] page = connection.getInputStream().readAllBytes();
    System.out.println("suite " + connection.getCipherSuite());
    System.out.println(new String(page));
  }
}
