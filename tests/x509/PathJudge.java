import java.io.FileInputStream;
import java.nio.file.*;
import java.security.cert.*;
import java.util.*;

/** Reads lines "id, roots, chain, milliseconds, purpose" with tabs between; says of each whether a path is found. */
public final class PathJudge {
  private static List<X509Certificate> read(String file) throws Exception {
    List<X509Certificate> out = new ArrayList<>();
    CertificateFactory factory = CertificateFactory.getInstance("X.509");
    String text = Files.readString(Path.of(file));
    for (String block : text.split("(?=-----BEGIN CERTIFICATE-----)")) {
      if (!block.startsWith("-----BEGIN")) continue;
      try {
        out.add((X509Certificate) factory.generateCertificate(new java.io.ByteArrayInputStream(block.getBytes())));
      } catch (CertificateException e) {
        if (out.isEmpty()) throw e;
      }
    }
    return out;
  }

  private static void judge(String[] question) throws Exception {
    Set<TrustAnchor> anchors = new HashSet<>();
    for (X509Certificate root : read(question[1])) anchors.add(new TrustAnchor(root, null));
    List<X509Certificate> chain = read(question[2]);
    X509CertSelector target = new X509CertSelector();
    target.setCertificate(chain.get(0));
    target.setExtendedKeyUsage(Set.of(question[4]));
    PKIXBuilderParameters rules = new PKIXBuilderParameters(anchors, target);
    rules.addCertStore(CertStore.getInstance("Collection", new CollectionCertStoreParameters(chain)));
    rules.setRevocationEnabled(false);
    rules.setMaxPathLength(8);
    rules.setDate(new Date(Long.parseLong(question[3])));
    CertPathBuilder.getInstance("PKIX").build(rules);
  }

  public static void main(String[] arguments) throws Exception {
    for (String line : Files.readAllLines(Path.of(arguments[0]))) {
      String[] question = line.split("\t");
      String verdict = "accepted";
      try {
        judge(question);
      } catch (Exception e) {
        verdict = "refused " + String.valueOf(e.getMessage()).replace('\n', ' ');
      }
      System.out.println(question[0] + "\t" + verdict);
    }
  }
}
