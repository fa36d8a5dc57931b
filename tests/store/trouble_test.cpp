#include "daemon/store/database.hpp"
#include "daemon/store/schema.hpp"
#include "tests/store/samples.hpp"
#include "tests/store/temporary_directory.hpp"

#include <gmock/gmock.h>

#include <fstream>
#include <functional>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

namespace replmond::store {
namespace {

using ::testing::HasSubstr;
namespace fs = std::filesystem;

struct Trouble : ::testing::Test {
    temporary_directory at;
    std::string path = at / "state.db";

    outcome<database> open() { return database::open(path, noon); }

    // A file of some pages, with its log merged into it.
    void make_file() {
        database db = open().value();
        batch what;
        for (std::uint64_t id = 1; id <= 2000; ++id)
            what.events.push_back(sample_event(id));
        what.tasks[{orders, "a"}] = full_task("a");
        ASSERT_TRUE(db.commit(what));
    }
    void overwrite(std::streamoff offset, const std::string& bytes) {
        std::fstream file(path, std::ios::in | std::ios::out | std::ios::binary);
        file.seekp(offset);
        file << bytes;
        ASSERT_TRUE(file.good());
    }
    void expect_set_aside() {
        const auto damaged_size = fs::file_size(path);
        auto opened = open();
        ASSERT_TRUE(opened) << opened.error().text;
        const std::string aside = path + ".corrupt-20270115T120000Z";
        ASSERT_TRUE(opened->set_aside().has_value());
        const event& said = *opened->set_aside();
        EXPECT_EQ(said.level, severity::error);
        EXPECT_EQ(said.name, "state_set_aside");
        EXPECT_EQ(std::get<std::string>(*said.find("set_aside_as")), aside);
        EXPECT_EQ(fs::file_size(aside), damaged_size);
        EXPECT_TRUE(opened->load().value().empty());
        batch what;
        what.events = {sample_event(1)};
        EXPECT_TRUE(opened->commit(what)); // the new one works
    }
};

TEST_F(Trouble, ASecondDaemonIsRefusedAndTheFirstIsNamed) {
    auto first = open();
    ASSERT_TRUE(first);
    const auto second = open();
    ASSERT_FALSE(second);
    EXPECT_EQ(second.error().kind, trouble::locked);
    EXPECT_THAT(second.error().text, HasSubstr("is another replmond using it?"));
    EXPECT_THAT(second.error().text, HasSubstr("process " + std::to_string(getpid())));
    first = store_error{}; // lets go
    EXPECT_TRUE(open());
}

TEST_F(Trouble, NoDirectory) {
    path = at / "none/state.db";
    EXPECT_EQ(open().error().kind, trouble::unusable);
    EXPECT_EQ(open().error().text, "there is no directory " + (at / "none"));
}

TEST_F(Trouble, NoRegularFile) {
    path = at.path();
    EXPECT_EQ(open().error().text, "it is not a regular file");
    path = "/dev/null";
    EXPECT_EQ(open().error().text, "it is not a regular file");
}

TEST_F(Trouble, ATextFileIsLeftAlone) {
    std::ofstream(path) << "projects: []\n";
    EXPECT_EQ(open().error().kind, trouble::foreign);
    EXPECT_EQ(fs::file_size(path), 13u);
    EXPECT_FALSE(fs::exists(path + "-lock"));
}

TEST_F(Trouble, AnotherProgramsDatabaseIsLeftAlone) {
    ASSERT_TRUE(connection::open(path, access::read_write).value().run("CREATE TABLE theirs (a)"));
    std::stringstream before, after;
    before << std::ifstream(path, std::ios::binary).rdbuf();
    EXPECT_EQ(open().error().kind, trouble::foreign);
    after << std::ifstream(path, std::ios::binary).rdbuf();
    EXPECT_EQ(before.str(), after.str());
}

TEST_F(Trouble, ANewerFileIsLeftAlone) {
    make_file();
    ASSERT_TRUE(connection::open(path, access::read_write).value().run("PRAGMA user_version = 99"));
    EXPECT_EQ(open().error().kind, trouble::newer);
    EXPECT_EQ(open_for_reading(path).error().kind, trouble::newer);
}

TEST_F(Trouble, AnEmptyFileIsSetAside) {
    std::ofstream(path).close();
    expect_set_aside();
    EXPECT_EQ(open()->set_aside(), std::nullopt); // the new one
}

// A start that was killed between making its file and filling it has made none.
TEST_F(Trouble, ANewFileGetsItsNameWhenItIsWhole) {
    std::ofstream(path + "-new") << "half";
    std::ofstream(path + "-new-wal") << "half";
    ASSERT_TRUE(open());
    EXPECT_FALSE(fs::exists(path + "-new"));
    EXPECT_FALSE(fs::exists(path + "-new-wal"));
    EXPECT_EQ(open()->set_aside(), std::nullopt);
}

TEST_F(Trouble, OnlyItsOwnerCanReadIt) {
    const mode_t before = umask(022);
    make_file();
    const auto others_may = [](const std::string& name) {
        return (fs::status(name).permissions() & (fs::perms::group_all | fs::perms::others_all)) !=
               fs::perms::none;
    };
    for (const char* part : {"", "-wal", "-shm", "-lock"}) { // as an earlier version left them
        std::ofstream(path + part, std::ios::app).close();
        chmod((path + part).c_str(), 0664);
    }
    {
        const auto db = open();
        ASSERT_TRUE(db);
        EXPECT_EQ(fs::status(path).permissions(), fs::perms::owner_read | fs::perms::owner_write);
        for (const char* part : {"", "-wal", "-shm", "-lock"})
            EXPECT_TRUE(fs::exists(path + part) && !others_may(path + part)) << part;
    }
    chmod(path.c_str(), 0644);
    overwrite(0, std::string(100, '\x01'));
    expect_set_aside();
    umask(before);
    int files = 0;
    for (const auto& entry : fs::directory_iterator(at.path())) {
        EXPECT_FALSE(others_may(entry.path())) << entry.path();
        ++files;
    }
    EXPECT_GE(files, 3);
}

TEST_F(Trouble, TheLockHoldsWhenTheFileBesideIsRemoved) {
    const auto first = open();
    ASSERT_TRUE(first);
    fs::remove(path + "-lock");
    const auto second = open();
    ASSERT_FALSE(second);
    EXPECT_EQ(second.error().kind, trouble::locked);
    EXPECT_THAT(second.error().text, HasSubstr("is another replmond using it?"));
}

TEST_F(Trouble, TheLockHoldsOnAFileThatWasBegunAnew) {
    auto first = open();
    ASSERT_TRUE(first);
    ASSERT_TRUE(first->begin_anew({trouble::corrupt, "damaged"}, 17, noon));
    fs::remove(path + "-lock");
    EXPECT_EQ(open().error().kind, trouble::locked);
    EXPECT_EQ(first->last_event_id().value(), 17u);
}

TEST_F(Trouble, AVersionThatTheFileContradictsIsDamage) {
    make_file();
    const auto one_bit_off = std::to_string(schema_steps().size() ^ 8U);
    ASSERT_TRUE(
        connection::open(path, access::read_write).value().run("PRAGMA user_version = " + one_bit_off));
    expect_set_aside();
}

TEST_F(Trouble, AnIdThatIsNearlyOursIsDamage) {
    make_file();
    ASSERT_TRUE(connection::open(path, access::read_write)
                    .value()
                    .run("PRAGMA application_id = " + std::to_string(application_id ^ 0x400)));
    expect_set_aside();
}

TEST_F(Trouble, AValueThatNobodyHasWrittenIsDamage) {
    for (const char* sql :
         {"UPDATE tasks SET stage_changed = -9e17", "UPDATE tasks SET percentage = 4e7",
          "UPDATE tasks SET task = CAST(X'61FF' AS TEXT)", "UPDATE tasks SET status_changed = 9e17",
          "UPDATE instances SET last_seen = 9e17", "UPDATE instances SET failures = -1"}) {
        path = at / std::to_string(std::hash<std::string>()(sql));
        make_file();
        {
            database db = open().value();
            batch what;
            what.instances[orders] = full_instance();
            ASSERT_TRUE(db.commit(what));
        }
        ASSERT_TRUE(connection::open(path, access::read_write).value().run(sql)) << sql;
        const auto read = open()->load();
        ASSERT_FALSE(read) << sql;
        EXPECT_EQ(read.error().kind, trouble::corrupt) << read.error().text;
    }
}

TEST_F(Trouble, ADamagedHeaderIsSetAside) {
    make_file();
    overwrite(0, std::string(100, '\x01'));
    expect_set_aside();
}

TEST_F(Trouble, DamagedPagesAreSetAside) {
    make_file();
    // Not one page but some: which of them are in use is SQLite's business.
    overwrite(8 * 4096, std::string(std::size_t{16} * 4096, '\x5A'));
    expect_set_aside();
}

TEST_F(Trouble, AFileThatWasCutIsSetAside) {
    make_file();
    fs::resize_file(path, fs::file_size(path) / 2);
    expect_set_aside();
}

TEST_F(Trouble, FlippedBytesAreSetAsideOrDoNoHarm) {
    make_file();
    std::stringstream whole;
    whole << std::ifstream(path, std::ios::binary).rdbuf();
    unsigned random = 1;
    int found = 0;
    for (int round = 0; round < 30; ++round) {
        std::string bytes = whole.str();
        for (int flips = 0; flips < 64; ++flips) {
            random = random * 1'103'515'245 + 12'345;
            bytes[random / 16 % bytes.size()] ^= static_cast<char>(1 << (random >> 28) % 8);
        }
        const std::string own = at / std::to_string(round);
        std::ofstream(own, std::ios::binary) << bytes;
        auto opened = database::open(own, noon);
        if (!opened) // the flips may look like a newer version, or another program
            continue;
        found += opened->set_aside() ? 1 : 0;
        (void)opened->load();
        (void)opened->events({});
        batch what;
        what.events = {sample_event(5000)};
        (void)opened->commit(what);
    }
    EXPECT_GT(found, 15);
}

TEST_F(Trouble, IdsGoOnAfterADamagedFileWhereTheyCanBeRead) {
    make_file();
    overwrite(std::streamoff{20} * 4096, std::string(4096, '\x5A'));
    auto opened = open();
    ASSERT_TRUE(opened);
    ASSERT_TRUE(opened->set_aside());
    EXPECT_EQ(opened->last_event_id().value(), 2000u);
    EXPECT_TRUE(opened->unacknowledged().value().empty());

    opened = store_error{};
    overwrite(0, std::string(100, '\x01'));
    opened = open();
    ASSERT_TRUE(opened->set_aside());
    EXPECT_EQ(opened->last_event_id().value(), 0u);
    EXPECT_TRUE(fs::exists(path + ".corrupt-20270115T120000Z"));
    EXPECT_TRUE(fs::exists(path + ".corrupt-20270115T120000Z-2"));
}

// Root may do everything, so the tests of permissions become somebody else for a while.
struct nobody {
    nobody() { ok = seteuid(65534) == 0; }
    ~nobody() {
        if (seteuid(0) != 0)
            std::abort();
    }
    bool ok = false;
};

TEST_F(Trouble, ADirectoryThatMayNotBeWrittenTo) {
    if (geteuid() != 0)
        GTEST_SKIP() << "only root can become somebody who may not";
    make_file();
    chmod(at.path().c_str(), 0755);
    chmod(path.c_str(), 0644);
    const nobody me;
    ASSERT_TRUE(me.ok);
    const auto existing = open();
    ASSERT_FALSE(existing);
    EXPECT_EQ(existing.error().kind, trouble::unusable);
    EXPECT_THAT(existing.error().text, HasSubstr("Permission denied"));
    path = at / "new.db";
    EXPECT_EQ(open().error().kind, trouble::unusable);

    // But reading goes, though nothing can be made beside it.
    path = at / "state.db";
    auto reader = open_for_reading(path);
    ASSERT_TRUE(reader) << reader.error().text;
    EXPECT_EQ(reader->number("SELECT count(*) FROM events").value(), 2000);
}

TEST_F(Trouble, AFileThatMayNotBeWrittenTo) {
    if (geteuid() != 0)
        GTEST_SKIP() << "only root can become somebody who may not";
    make_file();
    chmod(at.path().c_str(), 0777);
    chmod(path.c_str(), 0444);
    chmod((path + "-lock").c_str(), 0666);
    const nobody me;
    ASSERT_TRUE(me.ok);
    const auto opened = open();
    ASSERT_FALSE(opened);
    EXPECT_EQ(opened.error().kind, trouble::unusable);
    EXPECT_EQ(opened.error().text, "it may be read only");
}

struct small_disk {
    explicit small_disk(const std::string& on) : where(on) {
        fs::create_directory(on);
        mounted = mount("replmond-test", on.c_str(), "tmpfs", 0, "size=512k") == 0;
    }
    ~small_disk() {
        if (mounted)
            umount2(where.c_str(), MNT_DETACH);
    }
    std::string where;
    bool mounted = false;
};

TEST_F(Trouble, AFullDisk) {
    const small_disk disk(at / "disk");
    if (!disk.mounted)
        GTEST_SKIP() << "needs the right to mount a small tmpfs";
    path = disk.where + "/state.db";
    auto db = open();
    ASSERT_TRUE(db) << db.error().text;
    batch small;
    small.events = {sample_event(1)};
    ASSERT_TRUE(db->commit(small));

    std::ofstream(disk.where + "/ballast") << std::string(std::size_t{1024} * 1024, 'x');
    batch large;
    for (std::uint64_t id = 2; id <= 2000; ++id)
        large.events.push_back(sample_event(id));
    const auto full = db->commit(large);
    ASSERT_FALSE(full);
    EXPECT_TRUE(full.error().kind == trouble::full || full.error().kind == trouble::io) << full.error().text;
    EXPECT_EQ(db->events({}).value().size(), 1u); // still reads, and lost nothing

    fs::remove(disk.where + "/ballast");
    batch again;
    again.events = {sample_event(2)};
    const auto done = db->commit(again); // goes on by itself
    EXPECT_TRUE(done) << done.error().text;
    EXPECT_EQ(db->events({}).value().size(), 2u);

    // And at the start.
    std::ofstream(disk.where + "/ballast") << std::string(std::size_t{1024} * 1024, 'x');
    path = disk.where + "/other.db";
    const auto begun = open();
    ASSERT_FALSE(begun);
    EXPECT_NE(begun.error().text, "");
}

} // namespace
} // namespace replmond::store
