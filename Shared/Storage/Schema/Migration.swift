/// One step of the schema; steps are only ever added.
struct Migration: Sendable {
    /// Its place, counted from 1.
    let version: Int
    /// What it does, for `schema_migrations`.
    let name: String
    /// Statements in which `@.` stands for the schema.
    let sql: String

    /// Every step, in order.
    static let all: [Migration] = [
        Migration(version: 1, name: "catalog", sql: catalog),
        Migration(version: 2, name: "writes", sql: writes),
    ]

    /// The first schema: items, interactions, releases, versions and the change log.
    ///
    /// Every write updates the one row of `catalog_version` first and holds its lock until it has
    /// committed. So versions are given out in the order of the commits, and a snapshot that shows
    /// version v shows every change up to v and none after it.
    private static let catalog = """
        CREATE TABLE @.catalog_version (
            only_row boolean PRIMARY KEY DEFAULT true CHECK (only_row),
            version bigint NOT NULL
        ) WITH (fillfactor = 10);
        INSERT INTO @.catalog_version (version) VALUES (1);

        -- Deleted items stay, so that keys in interactions always lead to a title.
        CREATE TABLE @.items (
            key bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
            id text COLLATE "C" NOT NULL UNIQUE,
            title text NOT NULL,
            attributes jsonb NOT NULL,
            is_hidden boolean NOT NULL,
            is_deleted boolean NOT NULL DEFAULT false,
            expires_at bigint NOT NULL,
            version bigint NOT NULL
        );

        -- Beside the items, because each interaction changes it and items are wide.
        CREATE TABLE @.item_counts (
            item_key bigint PRIMARY KEY,
            interactions bigint NOT NULL
        ) WITH (fillfactor = 70);
        CREATE INDEX item_counts_by_count ON @.item_counts (interactions DESC);

        CREATE TABLE @.interactions (
            user_id text COLLATE "C" NOT NULL,
            -- The event's time, or that of its arrival if it has none.
            ordered_at bigint NOT NULL,
            sequence bigint GENERATED ALWAYS AS IDENTITY,
            -- No foreign key: item rows are never removed, and its check would double an import.
            item_key bigint NOT NULL,
            -- The event's time, 0 where it is unknown.
            occurred_at bigint NOT NULL,
            version bigint NOT NULL,
            rating real NOT NULL,
            PRIMARY KEY (user_id, ordered_at, sequence)
        );
        -- An event sent twice is stored once; without a time two events cannot be told apart.
        CREATE UNIQUE INDEX interactions_once
            ON @.interactions (user_id, item_key, occurred_at) WHERE occurred_at > 0;

        CREATE TABLE @.changes (
            version bigint NOT NULL,
            item_key bigint NOT NULL,
            action text NOT NULL CHECK (action IN ('upsert', 'delete', 'import')),
            author text NOT NULL,
            changed_at timestamptz NOT NULL DEFAULT now(),
            PRIMARY KEY (item_key, version)
        );

        CREATE TABLE @.releases (
            name text COLLATE "C" PRIMARY KEY,
            manifest_sha256 bytea NOT NULL CHECK (octet_length(manifest_sha256) = 32),
            -- json, not jsonb: the hash is that of the text.
            manifest json NOT NULL,
            published_at timestamptz NOT NULL DEFAULT now()
        );
        CREATE TABLE @.active_release (
            only_row boolean PRIMARY KEY DEFAULT true CHECK (only_row),
            name text COLLATE "C" NOT NULL REFERENCES @.releases (name),
            activated_at timestamptz NOT NULL DEFAULT now()
        );
        """

    /// Idempotency keys, pages of the change log, attribute filters and the history of activations.
    private static let writes = """
        -- Only hashes, so that a user who is deleted is not found here either.
        CREATE TABLE @.idempotency (
            key_sha256 bytea PRIMARY KEY,
            request_sha256 bytea NOT NULL,
            version bigint NOT NULL,
            changed_count bigint NOT NULL,
            stored_at timestamptz NOT NULL DEFAULT now()
        );
        CREATE INDEX idempotency_by_age ON @.idempotency (stored_at);

        ALTER TABLE @.changes DROP CONSTRAINT changes_action_check,
            ADD CONSTRAINT changes_action_check
            CHECK (action IN ('upsert', 'patch', 'delete', 'import'));
        CREATE INDEX changes_by_version ON @.changes (version);

        CREATE INDEX items_by_attribute ON @.items USING gin (attributes jsonb_path_ops);

        CREATE TABLE @.activations (
            number bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
            name text COLLATE "C" NOT NULL REFERENCES @.releases (name),
            -- Where a rollback goes: the activation that this one followed or went back to.
            before_number bigint REFERENCES @.activations (number),
            is_rollback boolean NOT NULL DEFAULT false,
            author text NOT NULL,
            activated_at timestamptz NOT NULL DEFAULT now()
        );
        INSERT INTO @.activations (name, author, activated_at)
            SELECT name, '', activated_at FROM @.active_release;
        DROP TABLE @.active_release;
        """
}
