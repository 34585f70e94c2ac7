-- Which life of this state it is: raised when a backup takes its place, so that nothing of before is taken for its own.
CREATE TABLE state_generation (
    id INTEGER NOT NULL PRIMARY KEY CHECK (id = 1),
    generation INTEGER NOT NULL
) STRICT;
INSERT INTO state_generation (id, generation) VALUES (1, 1);
