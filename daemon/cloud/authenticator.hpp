#pragma once

#include "daemon/cloud/signer.hpp"
#include "daemon/model/time.hpp"
#include "daemon/net/http.hpp"

#include <memory>
#include <string>

namespace replmond::cloud {

/// Makes a request acceptable to the cloud: adds a token or a signature. Called anew for every attempt, since
/// a signature is good for 15 minutes only.
class authenticator {
public:
    virtual ~authenticator() = default;
    virtual void authenticate(net::http_request& request, timestamp now) const = 0;
};

/// X-Auth-Token with a token that somebody else renews.
std::unique_ptr<authenticator> make_token_authenticator(std::string token);

/// SDK-HMAC-SHA256. `authority`: the Host header of the requests; `project_id` is signed along.
std::unique_ptr<authenticator> make_key_authenticator(signing_key key, std::string authority,
                                                      std::string project_id);

} // namespace replmond::cloud
