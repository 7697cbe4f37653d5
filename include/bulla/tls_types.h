// The wire enumerations of TLS, under the names of the RFCs and IANA's registries. Every enum keeps values
// that it does not know, and `name_of` prints them. That a value has a name here does not mean that it is
// ever negotiated.
#pragma once

#include <cstdint>
#include <string>

namespace bulla {

/// The version field of hellos and records (RFC 9846 §4.2.2, RFC 5246 §A.1). Only 1.2 and 1.3 are ever
/// negotiated; the others are named in errors.
enum class ProtocolVersion : uint16_t {
  ssl3 = 0x0300,
  tls10 = 0x0301,
  tls11 = 0x0302,
  tls12 = 0x0303,
  tls13 = 0x0304
};

/// The type of a record (RFC 9846 §5.1).
enum class ContentType : uint8_t {
  invalid = 0,
  change_cipher_spec = 20,
  alert = 21,
  handshake = 22,
  application_data = 23
};

/// The type of a handshake message (RFC 9846 §B.3, RFC 5246 §7.4, RFC 6066 §8: certificate_status).
/// message_hash stands in transcripts only (RFC 9846 §4.1).
enum class HandshakeType : uint8_t {
  hello_request = 0,
  client_hello = 1,
  server_hello = 2,
  new_session_ticket = 4,
  end_of_early_data = 5,
  encrypted_extensions = 8,
  certificate = 11,
  server_key_exchange = 12,
  certificate_request = 13,
  server_hello_done = 14,
  certificate_verify = 15,
  client_key_exchange = 16,
  finished = 20,
  certificate_status = 22,
  key_update = 24,
  message_hash = 254,
};

/// What an alert says (RFC 9846 §6 and the registry it opens). In errors.def, close_notify means: no fatal
/// alert.
enum class AlertDescription : uint8_t {
  close_notify = 0,
  unexpected_message = 10,
  bad_record_mac = 20,
  record_overflow = 22,
  decompression_failure = 30,
  handshake_failure = 40,
  no_certificate = 41,
  bad_certificate = 42,
  unsupported_certificate = 43,
  certificate_revoked = 44,
  certificate_expired = 45,
  certificate_unknown = 46,
  illegal_parameter = 47,
  unknown_ca = 48,
  access_denied = 49,
  decode_error = 50,
  decrypt_error = 51,
  protocol_version = 70,
  insufficient_security = 71,
  internal_error = 80,
  inappropriate_fallback = 86,
  user_canceled = 90,
  no_renegotiation = 100,
  missing_extension = 109,
  unsupported_extension = 110,
  unrecognized_name = 112,
  bad_certificate_status_response = 113,
  unknown_psk_identity = 115,
  certificate_required = 116,
  general_error = 117,
  no_application_protocol = 120,
};

/// The suites this library speaks (RFC 9846 §B.4; RFC 5289 and RFC 7905 for TLS 1.2). null_with_null_null:
/// none agreed yet. The two scsv are signals in a ClientHello, not suites (RFC 5746 §3.3, RFC 7507 §2).
enum class CipherSuite : uint16_t {
  null_with_null_null = 0x0000,
  empty_renegotiation_info_scsv = 0x00ff,
  fallback_scsv = 0x5600,
  aes_128_gcm_sha256 = 0x1301,
  aes_256_gcm_sha384 = 0x1302,
  chacha20_poly1305_sha256 = 0x1303,
  ecdhe_ecdsa_with_aes_128_gcm_sha256 = 0xc02b,
  ecdhe_ecdsa_with_aes_256_gcm_sha384 = 0xc02c,
  ecdhe_rsa_with_aes_128_gcm_sha256 = 0xc02f,
  ecdhe_rsa_with_aes_256_gcm_sha384 = 0xc030,
  ecdhe_rsa_with_chacha20_poly1305_sha256 = 0xcca8,
  ecdhe_ecdsa_with_chacha20_poly1305_sha256 = 0xcca9,
};

/// Groups for the key agreement (RFC 9846 §4.3.7, draft-ietf-tls-ecdhe-mlkem). Those that the config's
/// provider has can be negotiated: Provider::group.
enum class NamedGroup : uint16_t {
  secp256r1 = 0x0017,
  secp384r1 = 0x0018,
  secp521r1 = 0x0019,
  x25519 = 0x001d,
  secp256r1mlkem768 = 0x11eb,
  x25519mlkem768 = 0x11ec,
  secp384r1mlkem1024 = 0x11ed,
};

/// How handshakes are signed (RFC 9846 §4.3.3). The two with SHA-1 are known by name and never offered or
/// accepted; rsa_pkcs1 is for TLS 1.2 and certificates, mldsa (draft-ietf-tls-mldsa) for TLS 1.3.
enum class SignatureScheme : uint16_t {
  rsa_pkcs1_sha1 = 0x0201,
  ecdsa_sha1 = 0x0203,
  rsa_pkcs1_sha256 = 0x0401,
  ecdsa_secp256r1_sha256 = 0x0403,
  rsa_pkcs1_sha384 = 0x0501,
  ecdsa_secp384r1_sha384 = 0x0503,
  rsa_pkcs1_sha512 = 0x0601,
  ecdsa_secp521r1_sha512 = 0x0603,
  rsa_pss_rsae_sha256 = 0x0804,
  rsa_pss_rsae_sha384 = 0x0805,
  rsa_pss_rsae_sha512 = 0x0806,
  ed25519 = 0x0807,
  rsa_pss_pss_sha256 = 0x0809,
  rsa_pss_pss_sha384 = 0x080a,
  rsa_pss_pss_sha512 = 0x080b,
  mldsa44 = 0x0904,
  mldsa65 = 0x0905,
  mldsa87 = 0x0906,
};

/// Hello and certificate extensions (RFC 9846 §4.3 and the RFCs it lists).
enum class ExtensionType : uint16_t {
  server_name = 0,
  status_request = 5,
  supported_groups = 10,
  ec_point_formats = 11,
  signature_algorithms = 13,
  application_layer_protocol_negotiation = 16,
  signed_certificate_timestamp = 18,
  padding = 21,
  extended_master_secret = 23,
  session_ticket = 35,
  pre_shared_key = 41,
  early_data = 42,
  supported_versions = 43,
  cookie = 44,
  psk_key_exchange_modes = 45,
  certificate_authorities = 47,
  oid_filters = 48,
  post_handshake_auth = 49,
  signature_algorithms_cert = 50,
  key_share = 51,
  renegotiation_info = 0xff01,
};

/// The name as a person knows it: "TLS 1.3", "ClientHello", "TLS_AES_128_GCM_SHA256", "x25519",
/// "unexpected_message". Where the value is unknown, its number: "0x1234", or "0x12" for an enum of one byte.
std::string name_of(ProtocolVersion v);
std::string name_of(ContentType v);
std::string name_of(HandshakeType v);
std::string name_of(AlertDescription v);
std::string name_of(CipherSuite v);
std::string name_of(NamedGroup v);
std::string name_of(SignatureScheme v);
std::string name_of(ExtensionType v);

}  // namespace bulla
