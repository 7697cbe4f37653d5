#include "cli/zoo_server.h"

namespace bulla::cli {

Result<std::unique_ptr<ZooServer>> ZooServer::open(Log log) {
  BULLA_TRY(pki::Zoo zoo, pki::Zoo::open());
  std::unique_ptr<ZooServer> out(new ZooServer(std::move(zoo)));
  for (const pki::Specimen& specimen : pki::specimens()) {
    BULLA_TRY(pki::Exhibit exhibit, out->zoo_.exhibit(specimen));
    out->by_host_[specimen.host()] = std::move(exhibit.identity);
  }
  ServerOptions options;
  options.common.alpn = {"http/1.1", "http/1.0"};
  // Who asks for a name that is not here sees a sound certificate, and refuses it for its name.
  options.select_identity = [by_host = out->by_host_](const SelectIdentity& question) {
    const auto found = by_host.find(question.server_name);
    return found == by_host.end() ? by_host.at("sound.zoo.localhost") : found->second;
  };
  BULLA_TRY(ServerConfigPtr config, make_server_config(std::move(options)));
  net::HttpsServerOptions hooks;
  if (log == Log::off) {
    hooks.access_log = [](const http::AccessEntry&) {};
    hooks.on_notice = [](const net::ServerNotice&) {};
  }
  out->server_ = std::make_unique<net::HttpsServer>(std::move(config), std::move(hooks));
  out->server_->get("/",
                    [self = out.get()](const http::Request&) { return http::Response().html(self->page()); });
  return out;
}

std::string ZooServer::url_of(const pki::Specimen& specimen) const {
  return "https://" + specimen.host() + ':' + std::to_string(server_->port()) + '/';
}

/// A list with links, for who goes through it with a browser.
std::string ZooServer::page() const {
  std::string rows;
  for (const pki::Specimen& one : pki::specimens()) {
    const std::string url = url_of(one);
    rows += "<tr><td><a href=\"" + url + "\">" + std::string(one.name) + "</a><td>" + std::string(one.what) +
            "<td>" + (one.finding ? "refuse" : "accept") + "\n";
  }
  return "<!doctype html><title>Zoo of bad certificates</title><h1>Zoo of bad certificates</h1>\n"
         "<p>If you see this page under a name that is to be refused, your client is broken.\n"
         "<table><tr><th>name<th>what<th>a client has to\n" +
         rows + "</table>\n";
}

}  // namespace bulla::cli
