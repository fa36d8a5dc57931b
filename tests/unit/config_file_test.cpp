#include "daemon/config/file.hpp"
#include "daemon/config/load.hpp"
#include "daemon/config/secret.hpp"

#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <thread>
#include <unistd.h>

// What is read from the disk, and what is refused because it could be waited for without an end.
namespace replmond::config {
namespace {

class ConfigFile : public ::testing::Test {
protected:
    void SetUp() override {
        std::string name = std::filesystem::temp_directory_path() / "replmond-file-XXXXXX";
        ASSERT_NE(::mkdtemp(name.data()), nullptr);
        folder_ = name;
    }
    void TearDown() override { std::filesystem::remove_all(folder_); }

    std::string path(const char* name) const { return (folder_ / name).string(); }

    std::string write(const char* name, const std::string& text) const {
        std::ofstream(path(name), std::ios::binary) << text;
        return path(name);
    }

    std::filesystem::path folder_;
};

TEST_F(ConfigFile, IsReadWhole) {
    const std::string text(100'000, 'x');
    EXPECT_EQ(read_file(write("a", text)).content, text);
    EXPECT_EQ(read_file(write("b", "")).content, "");
    EXPECT_EQ(read_file(path("none")).error, std::errc::no_such_file_or_directory);
    EXPECT_EQ(read_file(write("large", std::string(1024 * 1024 + 1, 'x'))).error, std::errc::file_too_large);
}

// Nobody writes into it: opened as other files are, it would be waited for without an end.
TEST_F(ConfigFile, AFifoIsRefusedAtOnce) {
    ASSERT_EQ(::mkfifo(path("fifo").c_str(), 0600), 0);
    EXPECT_EQ(read_file(path("fifo")).error.message(), "it is no regular file");

    lookup from = system_lookup();
    from.directory = folder_.string();
    EXPECT_EQ(read_secret({secret_source::kind::file, "fifo"}, from).failure,
              "cannot read " + path("fifo") + ": it is no regular file");
}

TEST_F(ConfigFile, SoIsAllElseThatIsNoFile) {
    EXPECT_EQ(read_file(folder_.string()).error, std::errc::is_a_directory);
    EXPECT_EQ(read_file("/dev/zero").error.message(), "it is no regular file");

    const int listener = ::socket(AF_UNIX, SOCK_STREAM, 0);
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    path("socket").copy(address.sun_path, sizeof address.sun_path - 1);
    ASSERT_EQ(::bind(listener, reinterpret_cast<const sockaddr*>(&address), sizeof address), 0);
    EXPECT_EQ(read_file(path("socket")).error.message(), "it is no regular file");
    ::close(listener);
}

TEST_F(ConfigFile, AtAStartTheConfigurationMayBeAPipe) {
    ASSERT_EQ(::mkfifo(path("fifo").c_str(), 0600), 0);
    std::thread writer([this] { std::ofstream(path("fifo")) << "instances: []\n"; });
    const auto outcome = load_file(path("fifo"), system_lookup());
    writer.join();
    EXPECT_TRUE(outcome.loaded);

    lookup running = system_lookup();
    running.read_at_start = nullptr;
    const auto again = load_file(path("fifo"), running);
    ASSERT_EQ(messages(again).size(), 1U);
    EXPECT_EQ(messages(again)[0], path("fifo") + ": cannot be read: it is no regular file");
}

TEST_F(ConfigFile, ASecretHasABound) {
    lookup from = system_lookup();
    from.directory = folder_.string();
    write("most", std::string(64 * 1024, 'x'));
    write("more", std::string(64 * 1024 + 1, 'x'));
    EXPECT_TRUE(read_secret({secret_source::kind::file, "most"}, from).secret);
    EXPECT_EQ(read_secret({secret_source::kind::file, "more"}, from).failure,
              "the file " + path("more") + " is larger than 64 KiB, a secret is one line");
}

} // namespace
} // namespace replmond::config
