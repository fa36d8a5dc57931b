// Remembers what files held, so that a change of their content can be noticed later.

#include "daemon/core/config/file_digests.hpp"

#include <openssl/sha.h>

#include <utility>

namespace replmond::config {

namespace {

std::string digest_of_file(const file_outcome& read) {
    if (read.error)
        return "unreadable: " + read.error.message();
    std::string digest(SHA256_DIGEST_LENGTH, '\0');
    SHA256(reinterpret_cast<const unsigned char*>(read.content.data()), read.content.size(),
           reinterpret_cast<unsigned char*>(digest.data()));
    return digest;
}

} // namespace

lookup noting_files(lookup from, file_digests& into) {
    lookup noting = from;
    noting.read_file = [read = from.read_file, &into](const std::string& path) {
        file_outcome outcome = read(path);
        into[path] = digest_of_file(outcome);
        return outcome;
    };
    if (from.read_at_start) {
        noting.read_at_start = [from, &into](const std::string& path) {
            // A pipe must be opened once only: its writer goes when a reader does.
            file_outcome outcome = from.read_at_start(path);
            into[path] =
                digest_of_file(outcome.error_again ? file_outcome{{}, outcome.error_again} : outcome);
            return outcome;
        };
    }
    return noting;
}

file_digests read_again(const file_digests& before, const lookup& from) {
    file_digests now;
    for (const auto& [path, digest] : before)
        now.emplace(path, digest_of_file(from.read_file(path)));
    return now;
}

} // namespace replmond::config
