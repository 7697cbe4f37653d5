// java TrustedGet.java URL: prints the page, if Java's own roots vouch for it.
import java.net.URI;

public class TrustedGet {
  public static void main(String[] args) throws Exception {
    try (var in = URI.create(args[0]).toURL().openStream()) {
      System.out.println(new String(in.readAllBytes()));
    }
  }
}
