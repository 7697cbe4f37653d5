// Encrypted key files as Java writes and reads them:
//   java KeyFile.java write PASSPHRASE KEY OUT ALGORITHM    encrypts the PKCS#8 of KEY (DER) to OUT (PEM)
//   java KeyFile.java sign PASSPHRASE FILE MESSAGE OUT      opens FILE (DER) and signs what MESSAGE holds
// Several jobs may stand one behind the other: starting Java costs more than they do.
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.AlgorithmParameters;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.PrivateKey;
import java.security.Signature;
import java.security.spec.PKCS8EncodedKeySpec;
import java.util.Base64;
import java.util.Map;
import javax.crypto.Cipher;
import javax.crypto.EncryptedPrivateKeyInfo;
import javax.crypto.SecretKey;
import javax.crypto.SecretKeyFactory;
import javax.crypto.spec.PBEKeySpec;

class KeyFile {
  // By the bytes of their OIDs, which a PrivateKeyInfo begins with.
  static final Map<String, String> FACTORIES =
      Map.of("2a8648ce3d0201", "EC", "2a864886f70d010101", "RSA", "2b6570", "Ed25519");
  static final Map<String, String> SIGNATURES =
      Map.of("EC", "SHA256withECDSA", "RSA", "SHA256withRSA", "Ed25519", "Ed25519");

  static SecretKey secret(String algorithm, String passphrase) throws GeneralSecurityException {
    return SecretKeyFactory.getInstance(algorithm).generateSecret(new PBEKeySpec(passphrase.toCharArray()));
  }

  static void write(String passphrase, String key, String out, String algorithm)
      throws GeneralSecurityException, IOException {
    Cipher cipher = Cipher.getInstance(algorithm);
    cipher.init(Cipher.ENCRYPT_MODE, secret(algorithm, passphrase));
    byte[] box = cipher.doFinal(Files.readAllBytes(Path.of(key)));
    AlgorithmParameters parameters = cipher.getParameters();
    if (algorithm.contains("Hmac")) {  // the scheme of the file is PBES2; Java's name says what is in it
      parameters = AlgorithmParameters.getInstance("PBES2");
      parameters.init(cipher.getParameters().getEncoded());
    }
    String base64 = Base64.getMimeEncoder(64, new byte[] {'\n'})
                        .encodeToString(new EncryptedPrivateKeyInfo(parameters, box).getEncoded());
    Files.writeString(Path.of(out), "-----BEGIN ENCRYPTED PRIVATE KEY-----\n" + base64
                                        + "\n-----END ENCRYPTED PRIVATE KEY-----\n");
  }

  static PrivateKey open(String passphrase, String file) throws GeneralSecurityException, IOException {
    EncryptedPrivateKeyInfo box = new EncryptedPrivateKeyInfo(Files.readAllBytes(Path.of(file)));
    String algorithm = box.getAlgParameters().toString();  // "PBEWithHmacSHA256AndAES_256"
    Cipher cipher = Cipher.getInstance(algorithm);
    cipher.init(Cipher.DECRYPT_MODE, secret(algorithm, passphrase), box.getAlgParameters());
    byte[] plain = cipher.doFinal(box.getEncryptedData());
    StringBuilder hex = new StringBuilder();
    for (byte octet : plain) hex.append(String.format("%02x", octet));
    for (Map.Entry<String, String> known : FACTORIES.entrySet())
      if (hex.substring(0, 60).contains(known.getKey()))
        return KeyFactory.getInstance(known.getValue()).generatePrivate(new PKCS8EncodedKeySpec(plain));
    throw new GeneralSecurityException("a key of no known kind");
  }

  static void sign(String passphrase, String file, String message, String out)
      throws GeneralSecurityException, IOException {
    PrivateKey key = open(passphrase, file);
    String kind = key.getAlgorithm();
    Signature signature = Signature.getInstance(SIGNATURES.getOrDefault(kind, "Ed25519"));
    signature.initSign(key);
    signature.update(Files.readAllBytes(Path.of(message)));
    Files.write(Path.of(out), signature.sign());
  }

  public static void main(String[] words) throws GeneralSecurityException, IOException {
    for (int i = 0; i < words.length; i += 5) {
      if (words[i].equals("write"))
        write(words[i + 1], words[i + 2], words[i + 3], words[i + 4]);
      else
        sign(words[i + 1], words[i + 2], words[i + 3], words[i + 4]);
    }
  }
}
