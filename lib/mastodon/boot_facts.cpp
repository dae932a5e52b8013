// SPDX-License-Identifier: GPL-3.0-or-later
#include "mastodon/boot_facts.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "core/error.hpp"
#include "core/json.hpp"

namespace mastobak::mastodon {
namespace {

constexpr std::size_t longest_fact = 4096;
constexpr std::uint64_t most_facts = std::uint64_t{1} << 60;

// Finds facts without a network and without changing anything. It uses Mastodon's own classes, so
// that these test its models, its encryption and its storage.
constexpr std::string_view boot_ruby = R"RUBY(
require 'json'
ActionMailer::Base.perform_deliveries = false if defined?(ActionMailer::Base)
facts = { accounts: Account.count, username: '', key: 'none', decrypted: 0, undecrypted: '',
          media_path: '', media_url: '' }
people = Account.where(domain: nil).where('id > 0').order(:id)
if (account = people.where.not(private_key: [nil, '']).first || people.first)
  facts[:username] = account.username
  begin
    unless account.private_key.to_s.empty?
      digest = OpenSSL::Digest.new('SHA256')
      signature = OpenSSL::PKey::RSA.new(account.private_key).sign(digest, 'mastobak')
      fits = OpenSSL::PKey::RSA.new(account.public_key).verify(digest, signature, 'mastobak')
      facts[:key] = fits ? 'good' : 'its private key is not that of its public key'
    end
  rescue StandardError => e
    facts[:key] = e.class.name
  end
end
begin
  User.where.not(otp_secret: [nil, '']).order(id: :desc).limit(20).each do |user|
    facts[:decrypted] += 1 unless user.otp_secret.to_s.empty?
  end
rescue StandardError => e
  facts[:undecrypted] = e.class.name
end
media = MediaAttachment.where(remote_url: '').where.not(file_file_name: nil).order(id: :desc).first
if media
  root = ENV.fetch('PAPERCLIP_ROOT_PATH')
  facts[:media_path] = media.file.path(:original).to_s.delete_prefix(root).delete_prefix('/')
  facts[:media_url] = media.file.url(:original).to_s
end
$stdout.puts "mastobak-boot: #{facts.to_json}"
$stdout.flush
)RUBY";

[[noreturn]] void refuse_facts(std::string_view why) {
    throw Error(Errc::corrupt, fmt::format("Mastodon's answer is not what was asked: {}", why));
}

std::string fact_text(const Json& object, const char* key) {
    const auto found = object.find(key);
    if (found == object.end() || !found->is_string())
        refuse_facts(fmt::format("no text '{}'", key));
    auto value = found->get<std::string>();
    if (value.size() > longest_fact) refuse_facts(fmt::format("'{}' is too long", key));
    return value;
}

std::uint64_t fact_number(const Json& object, const char* key) {
    const auto found = object.find(key);
    if (found == object.end() || !found->is_number_unsigned() ||
        found->get<std::uint64_t>() > most_facts)
        refuse_facts(fmt::format("no number '{}'", key));
    return found->get<std::uint64_t>();
}

}  // namespace

std::string_view boot_script() {
    return boot_ruby;
}

BootFacts parse_boot_facts(std::string_view line) {
    if (!line.starts_with(boot_prefix)) refuse_facts("it has printed no line of facts");
    line.remove_prefix(boot_prefix.size());
    if (line.size() > longest_boot_line) refuse_facts("its line of facts is too long");
    const auto object = Json::parse(line, nullptr, false);
    if (!object.is_object()) refuse_facts("its line of facts is not JSON");
    return {.accounts = fact_number(object, "accounts"),
            .username = fact_text(object, "username"),
            .key = fact_text(object, "key"),
            .decrypted = fact_number(object, "decrypted"),
            .undecrypted = fact_text(object, "undecrypted"),
            .media_path = fact_text(object, "media_path"),
            .media_url = fact_text(object, "media_url")};
}

}  // namespace mastobak::mastodon
