#pragma once

#include "tests/simulator/timeline.hpp"

#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <vector>

namespace replmond::simulator {

struct project_spec {
    std::string id;
    std::string name; // what tokens are scoped to and IAM lists projects by
};

struct key_spec {
    std::string access;
    std::string secret;
    std::optional<std::string> security_token; // of a temporary key
    std::optional<virtual_time> expires{};     // of one that the metadata service issued
};

struct user_spec {
    std::string domain;
    std::string name;
    std::string password;
};

/// After so many wrong passwords in a row a user is locked for a while.
struct password_lock {
    std::int64_t after = 5;
    virtual_time lasts = std::chrono::minutes(15);
};

/// At most so many requests of a user in any window.
struct rate_spec {
    std::int64_t requests = 200;
    std::chrono::milliseconds window = std::chrono::minutes(5);
};

/// Whether the metadata service wants tokens of its own before it hands out keys.
enum class metadata_mode {
    token, // it does
    plain, // it knows none
    both,  // it takes them, but does not insist
};

/// The metadata service of a virtual machine.
struct metadata_spec {
    metadata_mode mode = metadata_mode::both;
    int plain_status = 404; // in mode plain, to a request for a token
    bool agency = true;     // without one there are no keys
    virtual_time key_lifetime = std::chrono::hours(24);
    std::string access = "METAACCESS"; // of the first key; the next ones end in their number
    std::string secret = "METASECRET";
};

/// The service that gives a pod the keys of its agency.
struct pod_identity_spec {
    std::string token = "pod-token"; // that the pod must send
    virtual_time key_lifetime = std::chrono::hours(6);
    std::string access = "PODACCESS"; // of the first key; the next ones end in their number
    std::string secret = "PODSECRET";
};

/// An identity provider that IAM trusts.
struct identity_provider_spec {
    std::string id;
    std::string id_token;                               // the only one that is good
    virtual_time key_lifetime = std::chrono::hours(24); // at most; else as long as asked for
};

/// Who may ask, as a scenario describes it.
struct access_spec {
    std::set<std::string, std::less<>> tokens; // that live for ever
    std::vector<project_spec> projects;
    std::vector<key_spec> keys;
    std::vector<user_spec> users;
    virtual_time token_lifetime = std::chrono::hours(24);
    password_lock lock;
    std::optional<rate_spec> rate;
    std::optional<metadata_spec> metadata;
    std::optional<pod_identity_spec> pod_identity;
    std::vector<identity_provider_spec> identity_providers;
};

} // namespace replmond::simulator
