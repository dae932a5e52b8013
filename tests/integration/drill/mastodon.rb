# SPDX-License-Identifier: GPL-3.0-or-later
# Stands in for `bin/rails runner -`, with the parts of Mastodon's models that a drill's script
# needs, and with Debian's ActiveRecord. Version 6.1 has no `encrypts`, so this file decrypts by
# itself.
require 'active_record'
require 'base64'
require 'json'
require 'openssl'

ActiveRecord::Base.establish_connection(
  adapter: 'postgresql', host: ENV.fetch('DB_HOST'), port: ENV.fetch('DB_PORT'),
  database: ENV.fetch('DB_NAME'), username: ENV.fetch('DB_USER'), password: ENV.fetch('DB_PASS')
)

class Account < ActiveRecord::Base; end

class User < ActiveRecord::Base
  def otp_secret
    message = JSON.parse(self[:otp_secret])
    key = OpenSSL::PKCS5.pbkdf2_hmac(ENV.fetch('ACTIVE_RECORD_ENCRYPTION_PRIMARY_KEY'),
                                     ENV.fetch('ACTIVE_RECORD_ENCRYPTION_KEY_DERIVATION_SALT'),
                                     2**16, 32, 'SHA256')
    cipher = OpenSSL::Cipher.new('aes-256-gcm').decrypt
    cipher.key = key
    cipher.iv = Base64.decode64(message['h']['iv'])
    cipher.auth_tag = Base64.decode64(message['h']['at'])
    cipher.update(Base64.decode64(message['p'])) + cipher.final
  end
end

class MediaAttachment < ActiveRecord::Base
  self.inheritance_column = nil # column `type` is a number, not a class

  Stored = Struct.new(:part) do
    def path(_style) = "#{ENV.fetch('PAPERCLIP_ROOT_PATH')}/#{part}"
    def url(_style) = "https://#{ENV.fetch('LOCAL_DOMAIN')}/system/#{part}"
  end
  def file
    number = format('%09d', id).scan(/.../).join('/')
    Stored.new("media_attachments/files/#{number}/original/#{file_file_name}")
  end
end

puts 'a line of a log'
eval $stdin.read
