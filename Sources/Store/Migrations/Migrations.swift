import GRDB

/// The numbered migrations, in order. A released one is never edited; a change is a new file.
enum Migrations {
    static var all: DatabaseMigrator {
        var migrator = DatabaseMigrator()
        migrator.registerMigration("001") { try Migration001.migrate($0) }
        migrator.registerMigration("002") { try Migration002.migrate($0) }
        migrator.registerMigration("003") { try Migration003.migrate($0) }
        migrator.registerMigration("004") { try Migration004.migrate($0) }
        migrator.registerMigration("005") { try Migration005.migrate($0) }
        migrator.registerMigration("006") { try Migration006.migrate($0) }
        migrator.registerMigration("007") { try Migration007.migrate($0) }
        migrator.registerMigration("008") { try Migration008.migrate($0) }
        migrator.registerMigration("009") { try Migration009.migrate($0) }
        return migrator
    }
}
