-- Which life of this state it is: raised when a backup takes its place, so that nothing of before is taken for its own.
CREATE TABLE $.state_generation (
    id bigint NOT NULL CHECK (id = 1),
    generation bigint NOT NULL,
    CONSTRAINT pk_state_generation PRIMARY KEY CLUSTERED (id)
);
INSERT INTO $.state_generation (id, generation) VALUES (1, 1);
