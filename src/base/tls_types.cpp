// Names of the wire values as the IANA registries spell them.
#include <bulla/tls_types.h>

#include <cstdio>
#include <span>
#include <string_view>
#include <type_traits>

namespace bulla {
namespace {

template <class E>
struct Named {
  E value;
  std::string_view name;
};

template <class E>
std::string look_up(std::span<const Named<E>> table, E value) {
  for (const auto& row : table)
    if (row.value == value) return std::string(row.name);
  char buffer[16];
  std::snprintf(buffer, sizeof buffer, sizeof(E) == 1 ? "0x%02x" : "0x%04x", static_cast<unsigned>(value));
  return buffer;
}

constexpr Named<ProtocolVersion> versions[] = {
    {ProtocolVersion::ssl3, "SSL 3.0"},  {ProtocolVersion::tls10, "TLS 1.0"},
    {ProtocolVersion::tls11, "TLS 1.1"}, {ProtocolVersion::tls12, "TLS 1.2"},
    {ProtocolVersion::tls13, "TLS 1.3"},
};
constexpr Named<ContentType> content_types[] = {
    {ContentType::invalid, "invalid"},
    {ContentType::change_cipher_spec, "change_cipher_spec"},
    {ContentType::alert, "alert"},
    {ContentType::handshake, "handshake"},
    {ContentType::application_data, "application_data"},
};
constexpr Named<HandshakeType> handshake_types[] = {
    {HandshakeType::hello_request, "HelloRequest"},
    {HandshakeType::client_hello, "ClientHello"},
    {HandshakeType::server_hello, "ServerHello"},
    {HandshakeType::new_session_ticket, "NewSessionTicket"},
    {HandshakeType::end_of_early_data, "EndOfEarlyData"},
    {HandshakeType::encrypted_extensions, "EncryptedExtensions"},
    {HandshakeType::certificate, "Certificate"},
    {HandshakeType::server_key_exchange, "ServerKeyExchange"},
    {HandshakeType::certificate_request, "CertificateRequest"},
    {HandshakeType::server_hello_done, "ServerHelloDone"},
    {HandshakeType::certificate_verify, "CertificateVerify"},
    {HandshakeType::client_key_exchange, "ClientKeyExchange"},
    {HandshakeType::finished, "Finished"},
    {HandshakeType::certificate_status, "CertificateStatus"},
    {HandshakeType::key_update, "KeyUpdate"},
    {HandshakeType::message_hash, "message_hash"},
};
constexpr Named<AlertDescription> alerts[] = {
#define ROW(name) {AlertDescription::name, #name}
    ROW(close_notify),
    ROW(unexpected_message),
    ROW(bad_record_mac),
    ROW(record_overflow),
    ROW(decompression_failure),
    ROW(handshake_failure),
    ROW(no_certificate),
    ROW(bad_certificate),
    ROW(unsupported_certificate),
    ROW(certificate_revoked),
    ROW(certificate_expired),
    ROW(certificate_unknown),
    ROW(illegal_parameter),
    ROW(unknown_ca),
    ROW(access_denied),
    ROW(decode_error),
    ROW(decrypt_error),
    ROW(protocol_version),
    ROW(insufficient_security),
    ROW(internal_error),
    ROW(inappropriate_fallback),
    ROW(user_canceled),
    ROW(no_renegotiation),
    ROW(missing_extension),
    ROW(unsupported_extension),
    ROW(unrecognized_name),
    ROW(bad_certificate_status_response),
    ROW(unknown_psk_identity),
    ROW(certificate_required),
    ROW(general_error),
    ROW(no_application_protocol),
#undef ROW
};
constexpr Named<CipherSuite> suites[] = {
    {CipherSuite::null_with_null_null, "TLS_NULL_WITH_NULL_NULL"},
    {CipherSuite::empty_renegotiation_info_scsv, "TLS_EMPTY_RENEGOTIATION_INFO_SCSV"},
    {CipherSuite::fallback_scsv, "TLS_FALLBACK_SCSV"},
    {CipherSuite::aes_128_gcm_sha256, "TLS_AES_128_GCM_SHA256"},
    {CipherSuite::aes_256_gcm_sha384, "TLS_AES_256_GCM_SHA384"},
    {CipherSuite::chacha20_poly1305_sha256, "TLS_CHACHA20_POLY1305_SHA256"},
    {CipherSuite::ecdhe_ecdsa_with_aes_128_gcm_sha256, "TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256"},
    {CipherSuite::ecdhe_ecdsa_with_aes_256_gcm_sha384, "TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384"},
    {CipherSuite::ecdhe_rsa_with_aes_128_gcm_sha256, "TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256"},
    {CipherSuite::ecdhe_rsa_with_aes_256_gcm_sha384, "TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384"},
    {CipherSuite::ecdhe_rsa_with_chacha20_poly1305_sha256, "TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256"},
    {CipherSuite::ecdhe_ecdsa_with_chacha20_poly1305_sha256, "TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256"},
};
constexpr Named<NamedGroup> groups[] = {
    {NamedGroup::secp256r1, "secp256r1"},
    {NamedGroup::secp384r1, "secp384r1"},
    {NamedGroup::secp521r1, "secp521r1"},
    {NamedGroup::x25519, "x25519"},
    {NamedGroup::secp256r1mlkem768, "SecP256r1MLKEM768"},
    {NamedGroup::x25519mlkem768, "X25519MLKEM768"},
    {NamedGroup::secp384r1mlkem1024, "SecP384r1MLKEM1024"},
};
constexpr Named<SignatureScheme> schemes[] = {
#define ROW(name) {SignatureScheme::name, #name}
    ROW(rsa_pkcs1_sha1),
    ROW(ecdsa_sha1),
    ROW(rsa_pkcs1_sha256),
    ROW(ecdsa_secp256r1_sha256),
    ROW(rsa_pkcs1_sha384),
    ROW(ecdsa_secp384r1_sha384),
    ROW(rsa_pkcs1_sha512),
    ROW(ecdsa_secp521r1_sha512),
    ROW(rsa_pss_rsae_sha256),
    ROW(rsa_pss_rsae_sha384),
    ROW(rsa_pss_rsae_sha512),
    ROW(ed25519),
    ROW(rsa_pss_pss_sha256),
    ROW(rsa_pss_pss_sha384),
    ROW(rsa_pss_pss_sha512),
    ROW(mldsa44),
    ROW(mldsa65),
    ROW(mldsa87),
#undef ROW
};
constexpr Named<ExtensionType> extensions[] = {
#define ROW(name) {ExtensionType::name, #name}
    ROW(server_name),
    ROW(status_request),
    ROW(supported_groups),
    ROW(ec_point_formats),
    ROW(signature_algorithms),
    ROW(application_layer_protocol_negotiation),
    ROW(signed_certificate_timestamp),
    ROW(padding),
    ROW(extended_master_secret),
    ROW(session_ticket),
    ROW(pre_shared_key),
    ROW(early_data),
    ROW(supported_versions),
    ROW(cookie),
    ROW(psk_key_exchange_modes),
    ROW(certificate_authorities),
    ROW(oid_filters),
    ROW(post_handshake_auth),
    ROW(signature_algorithms_cert),
    ROW(key_share),
    ROW(renegotiation_info),
#undef ROW
};

}  // namespace

std::string name_of(ProtocolVersion v) {
  return look_up<ProtocolVersion>(versions, v);
}
std::string name_of(ContentType v) {
  return look_up<ContentType>(content_types, v);
}
std::string name_of(HandshakeType v) {
  return look_up<HandshakeType>(handshake_types, v);
}
std::string name_of(AlertDescription v) {
  return look_up<AlertDescription>(alerts, v);
}
std::string name_of(CipherSuite v) {
  return look_up<CipherSuite>(suites, v);
}
std::string name_of(NamedGroup v) {
  return look_up<NamedGroup>(groups, v);
}
std::string name_of(SignatureScheme v) {
  return look_up<SignatureScheme>(schemes, v);
}
std::string name_of(ExtensionType v) {
  return look_up<ExtensionType>(extensions, v);
}

}  // namespace bulla
