"""Words: the names of Brazilian people and companies, and what they write about. Nothing else."""

FIRST_NAMES = (
    "Ana", "Beatriz", "Bruna", "Camila", "Carla", "Cláudia", "Daniela", "Débora", "Elaine", "Fernanda", "Gabriela",
    "Helena", "Isabela", "Juliana", "Larissa", "Letícia", "Luciana", "Mariana", "Natália", "Patrícia", "Renata",
    "Sílvia", "Tatiane", "Vanessa", "André", "Antônio", "Bruno", "Caio", "Carlos", "Diego", "Eduardo", "Fábio",
    "Felipe", "Gustavo", "Henrique", "Igor", "João", "Leandro", "Lucas", "Marcelo", "Mateus", "Otávio", "Paulo",
    "Rafael", "Ricardo", "Rodrigo", "Sérgio", "Thiago", "Vinícius",
)  # fmt: skip
SURNAMES = (
    "Almeida", "Alves", "Andrade", "Araújo", "Azevedo", "Barbosa", "Barros", "Batista", "Borges", "Cardoso",
    "Carvalho", "Castro", "Cavalcanti", "Correia", "Costa", "Cunha", "Dias", "Duarte", "Farias", "Fernandes",
    "Ferreira", "Fonseca", "Freitas", "Gomes", "Gonçalves", "Lima", "Lopes", "Machado", "Martins", "Melo", "Mendes",
    "Monteiro", "Moraes", "Moreira", "Nascimento", "Nogueira", "Nunes", "Oliveira", "Pereira", "Pinto", "Ramos",
    "Ribeiro", "Rocha", "Rodrigues", "Santana", "Santos", "Silva", "Souza", "Teixeira", "Vieira",
)  # fmt: skip
COMPANY_KINDS = (
    "Metalúrgica", "Construtora", "Distribuidora", "Transportadora", "Farmácia", "Padaria", "Clínica", "Escola",
    "Cooperativa", "Auto Peças", "Supermercado", "Gráfica", "Hotel", "Laboratório", "Indústria", "Comercial",
    "Agropecuária", "Consultoria",
)  # fmt: skip
COMPANY_NAMES = (
    "Serra Azul", "Boa Vista", "Nova Era", "Horizonte", "Bandeirantes", "Ipê Amarelo", "Araucária", "Paulista",
    "Três Rios", "Sol Nascente", "Monte Verde", "Pantanal", "São Jorge", "Vale do Aço", "Santa Clara", "Aurora",
    "Jequitibá", "Porto Real", "Cerrado", "Guanabara", "Litoral", "Planalto", "Mantiqueira", "Tropical", "Iguaçu",
    "Estrela do Sul", "Campos Gerais", "Rio Branco", "Vitória Régia", "Beija-Flor",
)  # fmt: skip
COMPANY_FORMS = ("Ltda.", "S.A.", "ME", "EPP")

MAIL_SUBJECTS = (
    "Solicitação de atendimento",
    "Recebemos a sua solicitação",
    "Precisamos de mais informações",
    "Re: Precisamos de mais informações",
    "Andamento do seu atendimento",
    "Proposta de solução",
    "Re: Proposta de solução",
    "Alguma novidade?",
    "Consulta interna sobre o caso",
    "Agradecemos o contato",
    "Re: Atendimento encerrado",
)
"""Subjects of e-mails, in the order of `mail.Text`."""

CALL_SUBJECTS = ("Ligação do cliente", "Ligação para o cliente")
TASK_SUBJECTS = ("Verificar registros do sistema", "Confirmar dados do contrato", "Acionar fornecedor")
RESOLUTION_SUBJECTS = ("Problema solucionado com o cliente", "Orientação enviada ao cliente", "Correção aplicada")
